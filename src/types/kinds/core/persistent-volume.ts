import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type PersistentVolume = core_v1.PersistentVolume;

export const PersistentVolume = defineKind<PersistentVolume>('v1', 'PersistentVolume', {
  shortNames: ['pv'],
});

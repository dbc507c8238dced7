import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type PersistentVolumeClaim = core_v1.PersistentVolumeClaim;

export const PersistentVolumeClaim = defineKind<PersistentVolumeClaim>('v1', 'PersistentVolumeClaim', {
  shortNames: ['pvc'],
});

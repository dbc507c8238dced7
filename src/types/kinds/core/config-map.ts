import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ConfigMap = core_v1.ConfigMap;

export const ConfigMap = defineKind<ConfigMap>('v1', 'ConfigMap', {
  shortNames: ['cm'],
});

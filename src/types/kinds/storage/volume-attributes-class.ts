import { defineKind } from '../../registry.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type VolumeAttributesClass = storage_v1.VolumeAttributesClass;

export const VolumeAttributesClass = defineKind<VolumeAttributesClass>('storage.k8s.io/v1', 'VolumeAttributesClass', {
  shortNames: ['vac'],
});

import { defineKind } from '../../registry.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type VolumeAttachment = storage_v1.VolumeAttachment;

export const VolumeAttachment = defineKind<VolumeAttachment>('storage.k8s.io/v1', 'VolumeAttachment');

import { defineKind } from '../../registry.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type StorageClass = storage_v1.StorageClass;

export const StorageClass = defineKind<StorageClass>('storage.k8s.io/v1', 'StorageClass', {
  shortNames: ['sc'],
});

import { defineKind } from '../../registry.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type CSIStorageCapacity = storage_v1.CSIStorageCapacity;

export const CSIStorageCapacity = defineKind<CSIStorageCapacity>('storage.k8s.io/v1', 'CSIStorageCapacity');

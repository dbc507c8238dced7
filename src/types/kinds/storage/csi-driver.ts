import { defineKind } from '../../registry.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type CSIDriver = storage_v1.CSIDriver;

export const CSIDriver = defineKind<CSIDriver>('storage.k8s.io/v1', 'CSIDriver');

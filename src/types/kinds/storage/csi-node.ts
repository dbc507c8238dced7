import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn } from '../../table.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type CSINode = storage_v1.CSINode;

export const CSINode = defineKind<CSINode>('storage.k8s.io/v1', 'CSINode', {
  returnsDeleted: true,
  columns: columnsOf<CSINode>([integerColumn('Drivers', ({ spec }) => (spec?.drivers ?? []).length)]),
});

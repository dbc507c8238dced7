import { defineKind } from '../../registry.ts';
import { booleanColumn, columnsOf, textColumn } from '../../table.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type VolumeAttachment = storage_v1.VolumeAttachment;

export const VolumeAttachment = defineKind<VolumeAttachment>('storage.k8s.io/v1', 'VolumeAttachment', {
  returnsDeleted: true,
  columns: columnsOf<VolumeAttachment>([
    textColumn('Attacher', ({ spec }) => spec?.attacher ?? ''),
    textColumn('PV', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    textColumn('Node', ({ spec }) => spec?.nodeName ?? ''),
    booleanColumn('Attached', ({ status }) => status?.attached ?? false),
  ]),
});

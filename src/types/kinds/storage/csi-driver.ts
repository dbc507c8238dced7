import { defineKind } from '../../registry.ts';
import { booleanColumn, columnsOf, textColumn } from '../../table.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type CSIDriver = storage_v1.CSIDriver;

export const CSIDriver = defineKind<CSIDriver>('storage.k8s.io/v1', 'CSIDriver', {
  returnsDeleted: true,
  columns: columnsOf<CSIDriver>([
    booleanColumn('AttachRequired', ({ spec }) => spec?.attachRequired ?? true),
    booleanColumn('PodInfoOnMount', ({ spec }) => spec?.podInfoOnMount ?? false),
    booleanColumn('StorageCapacity', ({ spec }) => spec?.storageCapacity ?? false),
    textColumn('Modes', ({ spec }) => (spec?.volumeLifecycleModes ?? []).join(',')),
  ]),
  applyDefaults({ spec }) {
    if (!spec) return;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    spec.volumeLifecycleModes ??= ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
});

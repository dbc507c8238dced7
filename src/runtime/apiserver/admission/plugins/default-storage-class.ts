import { PersistentVolumeClaim } from '../../../../types/kinds/core/persistent-volume-claim.ts';
import { StorageClass } from '../../../../types/kinds/storage/storage-class.ts';
import { isDraftOfKind } from '../../fields.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const DEFAULT = 'storageclass.kubernetes.io/is-default-class';

/** A claim that names no class gets the default one; where several are marked, the newest. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' && kind.typeName === PersistentVolumeClaim.typeName && subresource === '',
  async mutate(request, draft) {
    if (!isDraftOfKind(PersistentVolumeClaim, draft) || !draft.spec || draft.spec.storageClassName !== undefined)
      return;
    const marked = (await request.reader.list(StorageClass)).filter(
      (candidate) => candidate.metadata.annotations?.[DEFAULT] === 'true',
    );
    const age = (candidate: StorageClass): string => candidate.metadata.creationTimestamp ?? '';
    const newest = [...marked].sort((a, b) => (age(a) < age(b) ? 1 : -1))[0];
    if (newest?.metadata.name !== undefined) draft.spec.storageClassName = newest.metadata.name;
  },
};

import { PersistentVolumeClaim } from '../../../../types/kinds/core/persistent-volume-claim.ts';
import { StorageClass } from '../../../../types/kinds/storage/storage-class.ts';
import { defaultClassOf, leavesClassOpen } from '../../../../types/storage/claim-facts.ts';
import { isDraftOfKind } from '../../fields.ts';
import type { AdmissionPlugin } from '../plugin.ts';

/** A claim that names no class gets the default one. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' && kind.typeName === PersistentVolumeClaim.typeName && subresource === '',
  async mutate(request, draft) {
    if (!isDraftOfKind(PersistentVolumeClaim, draft) || !draft.spec || !leavesClassOpen(draft)) return;
    const name = defaultClassOf(await request.reader.list(StorageClass))?.metadata.name;
    if (name !== undefined) draft.spec.storageClassName = name;
  },
};

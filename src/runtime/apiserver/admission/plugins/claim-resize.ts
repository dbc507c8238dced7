import { PersistentVolumeClaim } from '../../../../types/kinds/core/persistent-volume-claim.ts';
import { StorageClass } from '../../../../types/kinds/storage/storage-class.ts';
import { compareQuantities } from '../../../../types/quantity.ts';
import { classOfClaim } from '../../../../types/storage/claim-facts.ts';
import { requestedStorage } from '../../../../types/storage/volume-matching.ts';
import { isOfKind } from '../../fields.ts';
import { forbidden } from '../../status-error.ts';
import type { AdmissionPlugin } from '../plugin.ts';

/** A claim grows only if its class lets it. */
export const claimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  handles: ({ operation, kind, subresource }) =>
    operation === 'UPDATE' && kind.typeName === PersistentVolumeClaim.typeName && subresource === '',
  async validate(request, object) {
    const { previous, reader, name } = request;
    if (!isOfKind(PersistentVolumeClaim, object) || !isOfKind(PersistentVolumeClaim, previous)) return;
    if (compareQuantities(requestedStorage(object), requestedStorage(previous)) <= 0) return;
    if (previous.status?.phase !== 'Bound') {
      throw forbidden(PersistentVolumeClaim, name, 'Only bound persistent volume claims can be expanded');
    }
    const className = classOfClaim(object);
    const known = className === '' ? undefined : await reader.get(StorageClass, { namespace: '', name: className });
    if (known?.allowVolumeExpansion === true && className === classOfClaim(previous)) return;
    throw forbidden(
      PersistentVolumeClaim,
      name,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  },
};

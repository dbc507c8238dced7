import { PersistentVolumeClaim } from '../../../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../../../types/kinds/core/persistent-volume.ts';
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from '../../../../types/storage/claim-facts.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const finalizers: ReadonlyMap<string, string> = new Map([
  [PersistentVolumeClaim.typeName, CLAIM_PROTECTION],
  [PersistentVolume.typeName, VOLUME_PROTECTION],
]);

/** From their first moment, claims and volumes stay for as long as somebody uses them. */
export const storageInUse: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' && finalizers.has(kind.typeName) && subresource === '',
  async mutate({ kind }, draft) {
    const finalizer = finalizers.get(kind.typeName);
    const present = draft.metadata.finalizers ?? [];
    if (finalizer !== undefined && !present.includes(finalizer)) draft.metadata.finalizers = [...present, finalizer];
  },
};

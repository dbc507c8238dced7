/** The storage class that claims get which ask for none: made once, then the users'. */
import { Namespace } from '../types/kinds/core/namespace.ts';
import { StorageClass } from '../types/kinds/storage/storage-class.ts';
import { isFailure } from './client/answers.ts';
import type { ApiClient } from './client/api-client.ts';
import { PROVISIONER } from './controllers/volume-provisioner/plan.ts';

/** On the namespace kube-system: that the class was made, so that one that somebody removes stays removed. */
const MADE = 'kubewright.dev/default-storage-class';

/** Named and set as people know it from other local clusters, so that their manifests fit. */
const standard: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: PROVISIONER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};

/** Does nothing on a cluster that had its class before. */
export async function makeDefaultStorageClass(client: ApiClient): Promise<void> {
  const key = { namespace: '', name: 'kube-system' };
  const system = await client.of(Namespace).get(key);
  if (system?.metadata.annotations?.[MADE] !== undefined) return;
  try {
    await client.of(StorageClass).create(standard);
  } catch (error) {
    // Left by a start that was broken off here.
    if (!isFailure(error, 'AlreadyExists')) throw error;
  }
  const patch = { metadata: { annotations: { [MADE]: 'standard' } } };
  await client.of(Namespace).patch(key, { type: 'merge', patch });
}

/** Claims that pods use, and volumes that claims hold, are not removed before those are gone (storage object in use protection). */
import type { KindDefinition } from '../../../types/define-kind.ts';
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { keyText } from '../../../types/meta.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../../types/meta.ts';
import { claimsOfPod, CLAIM_PROTECTION, VOLUME_PROTECTION } from '../../../types/storage/claim-facts.ts';
import type { ApiClient } from '../../client/api-client.ts';
import type { Index, Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { keyFromText } from '../framework/manager.ts';
import { planProtection, usesClaim } from './plan.ts';

const byClaim: Index<Pod> = { name: 'claims of volumes', values: claimsOfPod };

export const claimProtectionController: Controller<PersistentVolumeClaim> = {
  name: 'pvc-protection-controller',
  kind: PersistentVolumeClaim,
  alsoWatches: [{ kind: Pod, concerns: claimsOnTheirWayOut }],
  reconciler: claimReconciler,
};

export const volumeProtectionController: Controller<PersistentVolume> = {
  name: 'pv-protection-controller',
  kind: PersistentVolume,
  reconciler: volumeReconciler,
};

function claimsOnTheirWayOut(pod: Persisted<Pod>, informers: Informers): Iterable<ObjectKey> {
  const claims = informers.of(PersistentVolumeClaim);
  return claimsOfPod(pod)
    .map(keyFromText)
    .filter((key) => claims.get(key)?.metadata.deletionTimestamp !== undefined);
}

function claimReconciler({ client, informers }: ControllerContext): Reconcile {
  const pods = informers.of(Pod);
  return async (key) => {
    const claim = informers.of(PersistentVolumeClaim).get(key);
    if (!claim) return;
    const isUsed = async (): Promise<boolean> => {
      if (pods.indexed(byClaim, keyText(key)).some((pod) => usesClaim(pod, claim))) return true;
      // The copy may not know yet of a pod that has just been given a node.
      const all = await client.of(Pod).list({ namespace: key.namespace });
      return all.items.some((pod) => usesClaim(pod, claim));
    };
    await protect(client, PersistentVolumeClaim, claim, CLAIM_PROTECTION, isUsed);
  };
}

function volumeReconciler({ client, informers }: ControllerContext): Reconcile {
  return async (key) => {
    const volume = informers.of(PersistentVolume).get(key);
    if (!volume) return;
    const isUsed = async (): Promise<boolean> => volume.status?.phase === 'Bound';
    await protect(client, PersistentVolume, volume, VOLUME_PROTECTION, isUsed);
  };
}

async function protect<T extends KubeObject>(
  client: ApiClient,
  kind: KindDefinition<T>,
  object: Persisted<T>,
  finalizer: string,
  isUsed: () => Promise<boolean>,
): Promise<void> {
  const leaving = object.metadata.deletionTimestamp !== undefined;
  const finalizers = planProtection(object, finalizer, leaving && (await isUsed()));
  if (!finalizers) return;
  await client.of(kind).update({ ...object, metadata: { ...object.metadata, finalizers } });
}

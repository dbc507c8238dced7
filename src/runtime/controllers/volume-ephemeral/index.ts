/** Makes the claims that pods carry with them (generic ephemeral volumes, KEP-1698); the garbage collector takes them away. */
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { foreignClaim } from '../../../types/storage/claim-facts.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { controllerOf } from '../framework/ownership.ts';
import { isPodTerminating } from '../framework/pod-state.ts';
import { claimsOf } from './plan.ts';

export const ephemeralVolumeController: Controller<Pod> = {
  name: 'ephemeral_volume',
  account: 'ephemeral-volume-controller',
  kind: Pod,
  alsoWatches: [{ kind: PersistentVolumeClaim, concerns: podOf }],
  reconciler,
};

/** A claim that was deleted under a pod is made again. */
function podOf(claim: Persisted): Iterable<ObjectKey> {
  const owner = controllerOf(claim);
  return owner?.kind === 'Pod' ? [{ namespace: claim.metadata.namespace ?? '', name: owner.name }] : [];
}

function reconciler({ client, informers, event }: ControllerContext): Reconcile {
  const claims = informers.of(PersistentVolumeClaim);
  return async (key) => {
    const pod = informers.of(Pod).get(key);
    if (!pod || isPodTerminating(pod)) return;
    for (const { volume, claim } of claimsOf(pod)) {
      const there = claims.get({ namespace: key.namespace, name: claim.metadata.name ?? '' });
      const conflict = there && foreignClaim(pod, there);
      if (there && conflict === undefined) continue;
      try {
        if (conflict !== undefined) throw new Error(conflict);
        await client.of(PersistentVolumeClaim).create(claim);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume}: ${text}`);
        throw error;
      }
    }
  };
}

/** Who still uses a claim, and which finalizers follow. Pure. */
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { claimNameOf, foreignClaim } from '../../../types/storage/claim-facts.ts';

/** Its containers have ended and nothing will start them again: the kubelet is done with it, or nobody waits for it. */
function isShutDown({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}

/** A pod without a node has nothing mounted, and no kubelet will mount a claim that is being deleted. */
export function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if ((pod.spec?.nodeName ?? '') === '' || pod.metadata.namespace !== claim.metadata.namespace) return false;
  return (pod.spec?.volumes ?? []).some((volume) => {
    if (claimNameOf(pod, volume) !== claim.metadata.name) return false;
    return volume.ephemeral ? !isShutDown(pod) && foreignClaim(pod, claim) === undefined : true;
  });
}

/** The object's finalizers as they have to be; undefined when they are so. */
export function planProtection(object: KubeObject, finalizer: string, used: boolean): readonly string[] | undefined {
  const present = object.metadata.finalizers ?? [];
  const has = present.includes(finalizer);
  if (object.metadata.deletionTimestamp === undefined) return has ? undefined : [...present, finalizer];
  return has && !used ? present.filter((name) => name !== finalizer) : undefined;
}

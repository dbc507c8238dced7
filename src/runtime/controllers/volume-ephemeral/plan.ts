/** The claims of a pod's ephemeral volumes. Pure. */
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { claimNameOf } from '../../../types/storage/claim-facts.ts';
import { controllerReference } from '../framework/ownership.ts';

export interface EphemeralClaim {
  /** Name of the volume. */
  readonly volume: string;
  readonly claim: PersistentVolumeClaim;
}

export function claimsOf(pod: Persisted<Pod>): readonly EphemeralClaim[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    const template = volume.ephemeral?.volumeClaimTemplate;
    const name = claimNameOf(pod, volume);
    if (!template || name === undefined) return [];
    const { labels, annotations } = template.metadata ?? {};
    const metadata = {
      name,
      namespace: pod.metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(pod)],
    };
    const claim: PersistentVolumeClaim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: template.spec,
    };
    return [{ volume: volume.name, claim }];
  });
}

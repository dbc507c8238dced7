/**
 * Whom the claims of a set belong to, which is how they go when the set or the pod goes (KEP-1847): the garbage collector
 * deletes what has lost its owner. Pure.
 */
import type { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { OwnerReference } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type { KubeObject, Persisted } from '../../../types/meta.ts';
import { controllerReference, groupOf } from '../framework/ownership.ts';
import { isInRange } from './stateful-pod.ts';

/**
 * The owners that a claim is to have; undefined when it has them, and when somebody else's references say that it is not
 * ours to arrange.
 */
export function plannedOwners(
  claim: PersistentVolumeClaim,
  set: Persisted<StatefulSet>,
  pod: Persisted<Pod>,
): readonly OwnerReference[] | undefined {
  const references = claim.metadata.ownerReferences ?? [];
  // The set or the pod of that name that it belongs to is another one, which was deleted: so it will be soon.
  if (isStale(references, set) || isStale(references, pod)) return undefined;
  const owned = (reference: OwnerReference): boolean =>
    reference.uid === set.metadata.uid || reference.uid === pod.metadata.uid;
  const others = references.filter((reference) => !owned(reference));
  if (hasForeignController(claim, set, pod)) return others.length === references.length ? undefined : others;
  const wanted = ownersWanted(set, pod);
  const present = references.filter(owned);
  const matches =
    present.length === wanted.length &&
    wanted.every((owner) => present.some(({ uid, controller }) => uid === owner.uid && controller === true));
  return matches ? undefined : [...others, ...wanted];
}

/** Somebody else controls the claim, so the policy cannot. */
export function hasForeignController(
  claim: PersistentVolumeClaim,
  set: Persisted<StatefulSet>,
  pod: Persisted<Pod>,
): boolean {
  return (claim.metadata.ownerReferences ?? []).some(
    ({ controller, uid }) => controller === true && uid !== set.metadata.uid && uid !== pod.metadata.uid,
  );
}

/** The owners of a claim from its creation on: the pod becomes one only when it is scaled away. */
export function firstOwners(set: Persisted<StatefulSet>): readonly OwnerReference[] {
  return set.spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete' ? [controllerReference(set)] : [];
}

/** The claim goes with an earlier pod of that name, so a new pod has to wait until it is gone. */
export function goesWithEarlierPod(claim: PersistentVolumeClaim, set: StatefulSet, pod: string): boolean {
  if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false;
  return (claim.metadata.ownerReferences ?? []).some(
    ({ apiVersion, kind, name }) => apiVersion === 'v1' && kind === 'Pod' && name === pod,
  );
}

function ownersWanted(set: Persisted<StatefulSet>, pod: Persisted<Pod>): readonly OwnerReference[] {
  const { whenScaled, whenDeleted } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  if (whenScaled === 'Delete' && !isInRange(set, pod)) return [controllerReference(pod)];
  return whenDeleted === 'Delete' ? [controllerReference(set)] : [];
}

function isStale(references: readonly OwnerReference[], owner: Persisted<KubeObject>): boolean {
  return references.some(
    ({ apiVersion, kind, name, uid }) =>
      groupOf(apiVersion) === groupOf(owner.apiVersion) &&
      kind === owner.kind &&
      name === owner.metadata.name &&
      uid !== owner.metadata.uid,
  );
}

/** Which volumes a pod would get on a node, or in upstream's words why it cannot go there. Pure. */
import type { Node } from '../../types/kinds/core/node.ts';
import type { PersistentVolume } from '../../types/kinds/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../types/kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../../types/kinds/core/pod.ts';
import { keyOf, keyText } from '../../types/meta.ts';
import type { Persisted } from '../../types/meta.ts';
import { compareQuantities } from '../../types/quantity.ts';
import {
  claimNameOf,
  classOfClaim,
  foreignClaim,
  hasProvisioner,
  isFullyBound,
  SELECTED_NODE,
  waitsForConsumer,
} from '../../types/storage/claim-facts.ts';
import { allowsTopology, bestVolume, isReachableFrom, requestedStorage } from '../../types/storage/volume-matching.ts';
import type { StorageView } from './storage-view.ts';

type Claim = Persisted<PersistentVolumeClaim>;

/** What has to be done before the pod is bound. */
export interface VolumeWork {
  /** Volumes that are there, each for its claim. */
  readonly take: readonly { readonly claim: Claim; readonly volume: Persisted<PersistentVolume> }[];
  /** Claims for which a volume is to be made at the node. */
  readonly provision: readonly Claim[];
}

export type VolumePlan = VolumeWork | { readonly reasons: readonly string[] };

/** Why the pod can go nowhere for now; undefined when its claims do not stand in the way. */
export function claimComplaint(pod: Pod, storage: StorageView): string | undefined {
  const namespace = pod.metadata.namespace ?? '';
  let immediate = false;
  for (const volume of pod.spec?.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name === undefined) continue;
    const claim = storage.claim(namespace, name);
    const complaint = claim
      ? complaintOf(claim, volume.ephemeral ? foreignClaim(pod, claim) : undefined)
      : missing(name, volume.ephemeral !== undefined);
    if (complaint !== undefined) return complaint;
    immediate ||= claim !== undefined && !isFullyBound(claim) && !isDelayed(claim, storage);
  }
  return immediate ? 'pod has unbound immediate PersistentVolumeClaims' : undefined;
}

function missing(name: string, ephemeral: boolean): string {
  return ephemeral
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    : `persistentvolumeclaim "${name}" not found`;
}

function complaintOf({ metadata, spec, status }: Claim, foreign: string | undefined): string | undefined {
  if (status?.phase === 'Lost') {
    return `persistentvolumeclaim "${metadata.name}" bound to non-existent persistentvolume "${spec?.volumeName ?? ''}"`;
  }
  if (metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${metadata.name}" is being deleted`;
  return foreign;
}

/** A claim that names its volume is the binder's business alone. */
function isDelayed(claim: Claim, storage: StorageView): boolean {
  return (claim.spec?.volumeName ?? '') === '' && waitsForConsumer(storage.storageClass(classOfClaim(claim)));
}

/** The claims that a pod uses and that exist, each once. */
export function claimsInUse(pod: Pod, storage: StorageView): readonly Claim[] {
  const names = new Set((pod.spec?.volumes ?? []).flatMap((volume) => claimNameOf(pod, volume) ?? []));
  return [...names].flatMap((name) => storage.claim(pod.metadata.namespace ?? '', name) ?? []);
}

export function planVolumes(pod: Pod, node: Node, storage: StorageView): VolumePlan {
  const claims = claimsInUse(pod, storage);
  const open = claims.filter((claim) => !isFullyBound(claim));
  const reasons = new Set<string>();
  for (const claim of claims) {
    const reason = isFullyBound(claim) ? boundConflict(claim, node, storage) : undefined;
    if (reason !== undefined) reasons.add(reason);
  }
  const work = workFor(open, node, storage);
  if (!work) reasons.add("node(s) didn't find available persistent volumes to bind");
  return work && reasons.size === 0 ? work : { reasons: [...reasons] };
}

function boundConflict(claim: Claim, node: Node, storage: StorageView): string | undefined {
  const volume = storage.volume(claim.spec?.volumeName ?? '');
  if (!volume) return 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';
  return isReachableFrom(volume, node) ? undefined : "node(s) didn't match PersistentVolume's node affinity";
}

/** The smallest claims choose first, so that they leave the large volumes to those that need them. */
function workFor(open: readonly Claim[], node: Node, storage: StorageView): VolumeWork | undefined {
  const take: { claim: Claim; volume: Persisted<PersistentVolume> }[] = [];
  const provision: Claim[] = [];
  for (const claim of [...open].sort((a, b) => compareQuantities(requestedStorage(a), requestedStorage(b)))) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== node.metadata.name) return undefined;
    const excluded = new Set(take.map(({ volume }) => volume.metadata.name));
    for (const [name, key] of storage.promised) if (key !== keyText(keyOf(claim))) excluded.add(name);
    // Once a volume is being made, only that one is waited for.
    const volume = selected === undefined ? bestVolume(claim, storage.volumes(), { node, excluded }) : undefined;
    if (volume) take.push({ claim, volume });
    else if (canProvision(claim, node, storage)) provision.push(claim);
    else return undefined;
  }
  return { take, provision };
}

function canProvision(claim: Claim, node: Node, storage: StorageView): boolean {
  const storageClass = storage.storageClass(classOfClaim(claim));
  return (
    storageClass !== undefined && hasProvisioner(storageClass) && allowsTopology(storageClass.allowedTopologies, node)
  );
}

/** What claims and volumes say about each other: annotations, classes and references. Pure. */
import type { PersistentVolume } from '../kinds/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../kinds/core/pod.ts';
import type { StorageClass } from '../kinds/storage/storage-class.ts';
import type { Volume } from '../kinds/generated/core-v1.gen.ts';
import { keyText } from '../meta.ts';
import type { KubeObject, ObjectKey } from '../meta.ts';

/** Of a claim: its binding was carried out once, so a volume that is missing now is lost. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** Of claims and volumes: the controller chose the other side, the user did not. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** Of a volume: who made it, and may take it away again. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** Of a claim: who is asked to make a volume. Provisioners of before Kubernetes 1.23 read the first. */
export const STORAGE_PROVISIONER = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
] as const;
/** Of a claim: where the scheduler wants the volume that is to be made. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
/** The provisioner of classes whose volumes people make by hand. */
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** Name of the claim's class; empty for none, whether that was said or not. */
export function classOfClaim({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? '';
}

/** Whether the claim leaves its class to the cluster; the empty name is an answer. */
export function leavesClassOpen({ metadata, spec }: PersistentVolumeClaim): boolean {
  return metadata.annotations?.[BETA_CLASS] === undefined && spec?.storageClassName === undefined;
}

export function classOfVolume({ metadata, spec }: PersistentVolume): string {
  return metadata.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? '';
}

export function isDefaultClass({ metadata }: StorageClass): boolean {
  return DEFAULT_CLASS.some((annotation) => metadata.annotations?.[annotation] === 'true');
}

/** Of several that are marked the newest, of those made at once the first by name. */
export function defaultClassOf(classes: readonly StorageClass[]): StorageClass | undefined {
  const age = ({ metadata }: StorageClass): string => metadata.creationTimestamp ?? '';
  const name = ({ metadata }: StorageClass): string => metadata.name ?? '';
  return classes
    .filter(isDefaultClass)
    .sort((a, b) => (age(a) === age(b) ? (name(a) < name(b) ? -1 : 1) : age(a) < age(b) ? 1 : -1))[0];
}

export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

export function hasProvisioner({ provisioner }: StorageClass): boolean {
  return provisioner !== '' && provisioner !== NO_PROVISIONER;
}

/** Both sides say that they belong together, and it was carried out. */
export function isFullyBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (spec?.volumeName ?? '') !== '' && metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

/** Whether the volume is the claim's, or kept for one of its name. */
export function isBoundTo({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = spec?.claimRef;
  if (!reference) return false;
  const { name = '', namespace = '', uid = '' } = claim.metadata;
  if (reference.name !== name || (reference.namespace ?? '') !== namespace) return false;
  return (reference.uid ?? '') === '' || reference.uid === uid;
}

/** Of a volume, the claim it points at; by uid only if `claimRef` has one. */
export function claimKeyOf({ spec }: PersistentVolume): ObjectKey | undefined {
  const reference = spec?.claimRef;
  return reference ? { namespace: reference.namespace ?? '', name: reference.name ?? '' } : undefined;
}

/** The name of the claim that stands behind a pod's volume; undefined for volumes of other types. */
export function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral ? `${pod.metadata.name ?? ''}-${volume.name}` : undefined;
}

/** `namespace/name` of every claim that a pod uses. */
export function claimsOfPod(pod: Pod): readonly string[] {
  const namespace = pod.metadata.namespace ?? '';
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(pod, volume);
    return name === undefined ? [] : [keyText({ namespace, name })];
  });
}

/** Why a claim of the right name is not the one of the pod's ephemeral volume; undefined when it is. */
export function foreignClaim(pod: Pod, claim: KubeObject): string | undefined {
  const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.uid === pod.metadata.uid) return undefined;
  const name = (object: KubeObject): string =>
    keyText({ namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' });
  return `PVC ${name(claim)} was not created for pod ${name(pod)} (pod is not owner)`;
}

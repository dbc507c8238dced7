/** Which volumes the cluster's own provisioner makes and takes away. Pure. */
import type { Node } from '../../../types/kinds/core/node.ts';
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import type { StorageClass } from '../../../types/kinds/storage/storage-class.ts';
import type { Persisted } from '../../../types/meta.ts';
import {
  classOfClaim,
  isFullyBound,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  waitsForConsumer,
} from '../../../types/storage/claim-facts.ts';
import { allowsTopology, requestedStorage } from '../../../types/storage/volume-matching.ts';

/** The `provisioner` of classes whose volumes are folders of the cluster. */
export const PROVISIONER = 'kubewright.dev/local-path';
/** Keeps a volume that is deleted before its claim until its folder is removed (KEP-2644). */
export const FOLDER_FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';
const HOSTNAME = 'kubernetes.io/hostname';
/** As file systems have it. */
const LONGEST_NAME = 255;

type Claim = Persisted<PersistentVolumeClaim>;

export interface ClaimSituation {
  readonly claim: Claim;
  readonly storageClass: StorageClass | undefined;
  readonly nodes: readonly Node[];
  /** Whether a volume for this very claim is there already. */
  readonly provisioned: boolean;
}

export type ProvisionStep =
  | { readonly act: 'nothing' }
  | { readonly act: 'refuse'; readonly message: string; readonly giveUpNode: boolean }
  | { readonly act: 'make'; readonly folder: string; readonly node: Node; readonly storageClass: StorageClass };

export function volumeName(claim: Claim): string {
  return `pvc-${claim.metadata.uid}`;
}

/** A folder that people can tell apart from others. */
export function folderName(claim: Claim): string {
  return [volumeName(claim), claim.metadata.namespace ?? '', claim.metadata.name].join('_').slice(0, LONGEST_NAME);
}

export function planProvision({ claim, storageClass, nodes, provisioned }: ClaimSituation): ProvisionStep {
  const annotations = claim.metadata.annotations ?? {};
  const asked = STORAGE_PROVISIONER.some((name) => annotations[name] === PROVISIONER);
  const open = (claim.spec?.volumeName ?? '') === '' && !isFullyBound(claim);
  if (!asked || !open || provisioned || claim.metadata.deletionTimestamp !== undefined) return { act: 'nothing' };
  if (storageClass?.provisioner !== PROVISIONER) return { act: 'nothing' };
  const selected = annotations[SELECTED_NODE];
  if (waitsForConsumer(storageClass) && selected === undefined) return { act: 'nothing' };
  const complaint = complaintOf(claim, storageClass);
  if (complaint !== undefined) return { act: 'refuse', message: complaint, giveUpNode: false };
  const node = nodes.find(
    (place) =>
      (selected === undefined || place.metadata.name === selected) &&
      allowsTopology(storageClass.allowedTopologies, place),
  );
  if (node) return { act: 'make', folder: folderName(claim), node, storageClass };
  const message =
    selected === undefined
      ? `no node is allowed by the topologies of storage class "${classOfClaim(claim)}"`
      : `node "${selected}" is not there or not allowed by the topologies of storage class "${classOfClaim(claim)}"`;
  return { act: 'refuse', message, giveUpNode: selected !== undefined };
}

function complaintOf({ spec }: PersistentVolumeClaim, { parameters = {} }: StorageClass): string | undefined {
  const [parameter] = Object.keys(parameters);
  if (parameter !== undefined)
    return `storage class parameter "${parameter}" is not known to ${PROVISIONER}, which takes none`;
  if (spec?.volumeMode === 'Block') return `volumeMode Block is not supported: volumes of ${PROVISIONER} are folders`;
  if (spec?.selector) return 'claim.spec.selector is not supported for volumes that are made for their claim';
  const source = spec?.dataSourceRef ?? spec?.dataSource;
  if (source) return `a volume cannot be filled from ${source.kind} "${source.name}": data sources are not supported`;
  return undefined;
}

export function provisionedVolume(
  claim: Claim,
  { node, storageClass }: { readonly node: Node; readonly storageClass: StorageClass },
  path: string,
): PersistentVolume {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const reclaim = storageClass.reclaimPolicy === 'Retain' ? 'Retain' : 'Delete';
  const values = [node.metadata.labels?.[HOSTNAME] ?? node.metadata.name ?? ''];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeName(claim),
      annotations: { [PROVISIONED_BY]: PROVISIONER },
      ...(reclaim === 'Delete' ? { finalizers: [FOLDER_FINALIZER] } : {}),
    },
    spec: {
      accessModes: claim.spec?.accessModes,
      capacity: { storage: requestedStorage(claim) },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion },
      local: { path },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: 'In', values }] }] },
      },
      persistentVolumeReclaimPolicy: reclaim,
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
      ...(storageClass.mountOptions === undefined ? {} : { mountOptions: storageClass.mountOptions }),
    },
  };
}

export type DeleteStep =
  | { readonly act: 'nothing' }
  | { readonly act: 'delete'; readonly folder: string }
  /** The finalizers as they have to be. */
  | { readonly act: 'finalizers'; readonly finalizers: readonly string[] };

export function planDelete({ metadata, spec, status }: Persisted<PersistentVolume>): DeleteStep {
  if (metadata.annotations?.[PROVISIONED_BY] !== PROVISIONER) return { act: 'nothing' };
  const finalizers = metadata.finalizers ?? [];
  const held = finalizers.includes(FOLDER_FINALIZER);
  const leaving = metadata.deletionTimestamp !== undefined;
  if (spec?.persistentVolumeReclaimPolicy !== 'Delete') {
    return held
      ? { act: 'finalizers', finalizers: finalizers.filter((name) => name !== FOLDER_FINALIZER) }
      : { act: 'nothing' };
  }
  const folder = spec.local?.path ?? spec.hostPath?.path;
  const free = status?.phase === 'Released' || status?.phase === 'Failed' || (leaving && status?.phase !== 'Bound');
  if (free && folder !== undefined && (held || !leaving)) return { act: 'delete', folder };
  return held || leaving ? { act: 'nothing' } : { act: 'finalizers', finalizers: [...finalizers, FOLDER_FINALIZER] };
}

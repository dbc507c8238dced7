/** Short ways to write down claims, volumes and classes, for tests of what is decided about them. */
import type { PersistentVolumeClaim } from '../../../src/types/kinds/core/persistent-volume-claim.ts';
import type { PersistentVolume } from '../../../src/types/kinds/core/persistent-volume.ts';
import type { StorageClass } from '../../../src/types/kinds/storage/storage-class.ts';
import type { ObjectMeta, Persisted } from '../../../src/types/meta.ts';

type Metadata = Omit<ObjectMeta, 'name' | 'uid' | 'resourceVersion' | 'creationTimestamp'> & { readonly uid?: string };

const persisted = { resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' };

export type ClaimSpec = Partial<NonNullable<PersistentVolumeClaim['spec']>> & { readonly size?: string };

export function claimOf(
  name: string,
  { size = '1Gi', ...spec }: ClaimSpec = {},
  metadata: Metadata = {},
  status: PersistentVolumeClaim['status'] = { phase: 'Pending' },
): Persisted<PersistentVolumeClaim> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'default', uid: `${name}-uid`, ...persisted, ...metadata, name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      volumeMode: 'Filesystem',
      ...spec,
    },
    status,
  };
}

/** What `spec.volumeName` and the annotations of a claim look like once it is bound. */
export function boundClaim(name: string, volumeName: string): Persisted<PersistentVolumeClaim> {
  const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
  return claimOf(name, { volumeName }, { annotations }, { phase: 'Bound', capacity: { storage: '1Gi' } });
}

export type VolumeSpec = Partial<NonNullable<PersistentVolume['spec']>> & { readonly size?: string };

export function volumeOf(
  name: string,
  { size = '1Gi', ...spec }: VolumeSpec = {},
  metadata: Metadata = {},
  phase: NonNullable<PersistentVolume['status']>['phase'] = 'Available',
): Persisted<PersistentVolume> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { uid: `${name}-uid`, ...persisted, ...metadata, name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: size },
      hostPath: { path: `/srv/${name}` },
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      ...spec,
    },
    status: { phase },
  };
}

export function referenceTo(
  claim: Persisted<PersistentVolumeClaim>,
): NonNullable<PersistentVolume['spec']>['claimRef'] {
  const { namespace, name, uid } = claim.metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
}

export function classOf(name: string, rest: Partial<StorageClass> = {}): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'example.com/disk',
    ...rest,
  };
}

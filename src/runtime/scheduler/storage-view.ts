/** What the scheduler knows of claims and volumes. */
import type { PersistentVolume } from '../../types/kinds/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../types/kinds/core/persistent-volume-claim.ts';
import type { StorageClass } from '../../types/kinds/storage/storage-class.ts';
import type { Persisted } from '../../types/meta.ts';

export interface StorageView {
  claim(namespace: string, name: string): Persisted<PersistentVolumeClaim> | undefined;
  volume(name: string): Persisted<PersistentVolume> | undefined;
  volumes(): readonly Persisted<PersistentVolume>[];
  storageClass(name: string): StorageClass | undefined;
  /** Volumes that pods on their way to a node will take, by name: the claim that each is promised to, as `namespace/name`. */
  readonly promised: ReadonlyMap<string, string>;
}

export const emptyStorage: StorageView = {
  claim: () => undefined,
  volume: () => undefined,
  volumes: () => [],
  storageClass: () => undefined,
  promised: new Map(),
};

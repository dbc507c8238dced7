import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkNameReference, checkNonNegativeQuantity } from '../../validation/field-checks.ts';
import { checkLabelSelector } from '../../validation/label-selector.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type CSIStorageCapacity = storage_v1.CSIStorageCapacity;

export const CSIStorageCapacity = defineKind<CSIStorageCapacity>('storage.k8s.io/v1', 'CSIStorageCapacity', {
  columns: columnsOf<CSIStorageCapacity>([
    textColumn('StorageClassName', ({ storageClassName }) => storageClassName),
    textColumn('Capacity', ({ capacity }) => (capacity === undefined ? '<unset>' : String(capacity))),
  ]),
  validated: true,
  unrealized: ['capacity', 'maximumVolumeSize', 'nodeTopology'],
  example: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    metadata: { name: 'disks-node-1' },
    storageClassName: 'fast',
    capacity: '10Gi',
  },
  validate({ storageClassName, nodeTopology, capacity, maximumVolumeSize }, issues) {
    checkLabelSelector(nodeTopology, issues.at('nodeTopology'));
    checkNameReference(storageClassName, issues.at('storageClassName'));
    checkNonNegativeQuantity(capacity, issues.at('capacity'));
    checkNonNegativeQuantity(maximumVolumeSize, issues.at('maximumVolumeSize'));
  },
  validateUpdate(next, previous, issues) {
    for (const name of ['nodeTopology', 'storageClassName'] as const) {
      if (!deepEqual(next[name], previous[name])) issues.at(name).invalid(next[name], 'field is immutable');
    }
  },
});

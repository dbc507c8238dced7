import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkDriverName, checkParameters } from '../../validation/csi.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type VolumeAttributesClass = storage_v1.VolumeAttributesClass;

export const VolumeAttributesClass = defineKind<VolumeAttributesClass>('storage.k8s.io/v1', 'VolumeAttributesClass', {
  returnsDeleted: true,
  shortNames: ['vac'],
  columns: columnsOf<VolumeAttributesClass>([textColumn('DriverName', ({ driverName }) => driverName)]),
  validated: true,
  unrealized: ['parameters'],
  example: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttributesClass',
    metadata: { name: 'gold' },
    driverName: 'disks.example.com',
    parameters: { iops: '5000' },
  },
  validate({ driverName, parameters }, issues) {
    checkDriverName(driverName ?? '', issues.at('driverName'));
    const at = issues.at('parameters');
    if (Object.keys(parameters ?? {}).length === 0) at.required('must contain at least one key/value pair');
    else checkParameters(parameters ?? {}, at);
  },
  validateUpdate(next, previous, issues) {
    if (next.driverName !== previous.driverName) {
      issues.at('driverName').forbidden('updates to driverName are forbidden.');
    }
    if (!deepEqual(next.parameters, previous.parameters)) {
      issues.at('parameters').forbidden('updates to parameters are forbidden.');
    }
  },
});

import { claimQuota } from '../../quota/claim-usage.ts';
import { deepEqual } from '../../../shared/deep.ts';
import { compareQuantities } from '../../quantity.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, orUnset, textColumn, wideColumn } from '../../table.ts';
import { leavesClassOpen } from '../../storage/claim-facts.ts';
import { checkClaimSpec } from '../../validation/claims.ts';
import { accessModesText } from './persistent-volume.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type PersistentVolumeClaim = core_v1.PersistentVolumeClaim;
const bound = ({ spec }: PersistentVolumeClaim): boolean => (spec?.volumeName ?? '') !== '';

export const PersistentVolumeClaim = defineKind<PersistentVolumeClaim>('v1', 'PersistentVolumeClaim', {
  returnsDeleted: true,
  hasGeneration: false,
  shortNames: ['pvc'],
  columns: columnsOf<PersistentVolumeClaim>(
    [
      textColumn('Status', ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
      ),
      textColumn('Volume', ({ spec }) => spec?.volumeName ?? ''),
      textColumn('Capacity', (claim) => (bound(claim) ? String(claim.status?.capacity?.['storage'] ?? '0') : '')),
      textColumn('Access Modes', (claim) => (bound(claim) ? accessModesText(claim.status?.accessModes) : '')),
      textColumn(
        'StorageClass',
        ({ spec, metadata }) =>
          metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '',
      ),
      textColumn('VolumeAttributesClass', ({ spec }) => orUnset(spec?.volumeAttributesClassName)),
    ],
    [wideColumn('VolumeMode', ({ spec }) => orUnset(spec?.volumeMode))],
  ),
  validated: true,
  unrealized: ['spec.resources.limits', 'spec.volumeAttributesClassName'],
  example: {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  applyDefaults({ spec, status }) {
    if (spec) spec.volumeMode ??= 'Filesystem';
    if (status) status.phase ??= 'Pending';
  },
  validate({ spec }, issues) {
    checkClaimSpec(spec, issues.at('spec'));
  },
  validateUpdate(next, previous, issues) {
    const at = issues.at('spec');
    const [now, before] = [next.spec ?? {}, previous.spec ?? {}];
    const wasBound = bound(previous);
    // A claim that left its class open may get the default one later (KEP-3333).
    const adopts =
      leavesClassOpen(previous) && leavesClassOpen({ ...next, spec: { ...now, storageClassName: undefined } });
    const kept = {
      ...now,
      ...(adopts ? { storageClassName: before.storageClassName } : {}),
      volumeName: wasBound ? now.volumeName : before.volumeName,
      volumeAttributesClassName: before.volumeAttributesClassName,
      resources: wasBound
        ? {
            ...now.resources,
            requests: { ...now.resources?.requests, storage: before.resources?.requests?.['storage'] ?? '0' },
          }
        : now.resources,
    };
    if (!deepEqual(kept, before)) {
      at.forbidden(
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      );
    }
    const [size, was] = [now.resources?.requests?.['storage'], before.resources?.requests?.['storage']];
    const real = previous.status?.capacity?.['storage'] ?? was ?? '0';
    // An expansion that failed may be taken back, down to what the volume has (KEP-1790).
    const shrinks = size !== undefined && was !== undefined && compareQuantities(size, was) < 0;
    if (shrinks && compareQuantities(size, real) <= 0) {
      at.at('resources', 'requests', 'storage').forbidden('field can not be less than status.capacity');
    }
  },
  quota: claimQuota,
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' };
  },
  *references({ spec, metadata }) {
    const name = spec?.storageClassName;
    if (name !== undefined && name !== '') {
      yield {
        path: ['spec', 'storageClassName'],
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        namespace: undefined,
        name,
      };
    }
    if (metadata.namespace !== undefined && spec?.volumeName) {
      yield {
        path: ['spec', 'volumeName'],
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        namespace: undefined,
        name: spec.volumeName,
      };
    }
  },
});

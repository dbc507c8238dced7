import { deepEqual } from '../../../shared/deep.ts';
import { checkNodeSelector } from '../../pod/affinity.ts';
import { quantitySign } from '../../quantity.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, orUnset, textColumn, wideColumn } from '../../table.ts';
import { checkAccessModes, volumeModes } from '../../validation/claims.ts';
import { checkOptionalOneOf, checkSubdomain, isBlank } from '../../validation/field-checks.ts';
import { checkVolumeSource, sourceNames, sourceOf } from '../../validation/persistent-volumes.ts';
import type { IssueSink } from '../../field-issue.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type PersistentVolume = core_v1.PersistentVolume;

const shortModes: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** `RWO,RWX`, in a fixed order. */
export function accessModesText(modes: readonly string[] | undefined): string {
  return shortModes.flatMap(([mode, short]) => (modes?.includes(mode) === true ? [short] : [])).join(',');
}

function checkSpec(spec: core_v1.PersistentVolumeSpec, at: IssueSink): void {
  checkAccessModes(spec.accessModes, at.at('accessModes'));
  const capacity = spec.capacity ?? {};
  const names = Object.keys(capacity);
  if (names.length === 0) at.at('capacity').required();
  if (capacity['storage'] === undefined || names.length > 1) at.at('capacity').notSupported(capacity, ['storage']);
  for (const name of names) {
    const amount = capacity[name] ?? 0;
    const place = at.at('capacity', { key: name });
    if (quantitySign(amount) < 0) place.invalid(String(amount), 'must be a valid resource quantity');
    if (quantitySign(amount) <= 0) place.invalid(String(amount), 'must be greater than zero');
  }
  if (spec.nodeAffinity) {
    const place = at.at('nodeAffinity', 'required');
    if (!spec.nodeAffinity.required) place.required('must specify required node constraints');
    else checkNodeSelector(spec.nodeAffinity.required, place);
  } else if (spec.local) at.at('nodeAffinity').required('Local volume requires node affinity');
  checkVolumeSource(spec, at);
  if (spec.hostPath && /^\/+$/.test(spec.hostPath.path) && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    at.at('persistentVolumeReclaimPolicy').forbidden("may not be 'recycle' for a hostPath mount of '/'");
  }
  const policies = ['Delete', 'Recycle', 'Retain'];
  checkOptionalOneOf(spec.persistentVolumeReclaimPolicy, policies, at.at('persistentVolumeReclaimPolicy'));
  if (!isBlank(spec.storageClassName)) checkSubdomain(spec.storageClassName, at.at('storageClassName'));
  checkOptionalOneOf(spec.volumeMode, volumeModes, at.at('volumeMode'));
}

export const PersistentVolume = defineKind<PersistentVolume>('v1', 'PersistentVolume', {
  returnsDeleted: true,
  hasGeneration: false,
  shortNames: ['pv'],
  columns: columnsOf<PersistentVolume>(
    [
      textColumn('Capacity', ({ spec }) => String(spec?.capacity?.['storage'] ?? '0')),
      textColumn('Access Modes', ({ spec }) => accessModesText(spec?.accessModes)),
      textColumn('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
      textColumn('Status', ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
      ),
      textColumn('Claim', ({ spec }) =>
        spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '',
      ),
      textColumn('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
      textColumn('VolumeAttributesClass', ({ spec }) => orUnset(spec?.volumeAttributesClassName)),
      textColumn('Reason', ({ status }) => status?.reason ?? ''),
    ],
    [wideColumn('VolumeMode', ({ spec }) => orUnset(spec?.volumeMode))],
  ),
  validated: true,
  // Folders and devices of this machine are all that there is behind a volume.
  unrealized: [...sourceNames.filter((name) => name !== 'hostPath' && name !== 'local'), 'mountOptions'].map(
    (name) => `spec.${name}`,
  ),
  warnings: ({ spec }) =>
    spec?.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : [],
  example: {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'disk-1' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/srv/disk-1' } },
  },
  applyDefaults({ spec, status }) {
    if (status) status.phase ??= 'Pending';
    if (!spec) return;
    spec.persistentVolumeReclaimPolicy ??= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    if (spec.hostPath) spec.hostPath.type ??= '';
    if (spec.azureDisk) {
      spec.azureDisk.cachingMode ??= 'ReadWrite';
      spec.azureDisk.kind ??= 'Shared';
    }
  },
  validate({ spec }, issues) {
    checkSpec(spec ?? {}, issues.at('spec'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(sourceOf(next.spec), sourceOf(previous.spec))) {
      issues.at('spec', 'persistentvolumesource').forbidden('spec.persistentvolumesource is immutable after creation');
    }
    if (next.spec?.volumeMode !== previous.spec?.volumeMode) {
      issues.at('volumeMode').invalid(next.spec?.volumeMode, 'field is immutable');
    }
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' };
  },
});

import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { booleanColumn, columnsOf, textColumn } from '../../table.ts';
import { checkDriverName } from '../../validation/csi.ts';
import { checkPresent, checkSubdomain } from '../../validation/field-checks.ts';
import type { IssueSink } from '../../field-issue.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type VolumeAttachment = storage_v1.VolumeAttachment;

function checkSource(source: storage_v1.VolumeAttachmentSource | undefined, at: IssueSink): void {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source ?? {};
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inline === undefined && name === undefined) at.required(one);
  else if (inline !== undefined && name !== undefined) at.forbidden(one);
  else if (name !== undefined) {
    if (name === '') at.at('persistentVolumeName').required('must specify non empty persistentVolumeName');
    checkSubdomain(name, at.at('persistentVolumeName'));
  } else if (inline?.csi === undefined) at.at('inlineVolumeSpec').forbidden('must specify CSI PersistentVolumeSource');
}

export const VolumeAttachment = defineKind<VolumeAttachment>('storage.k8s.io/v1', 'VolumeAttachment', {
  returnsDeleted: true,
  unconditionalUpdate: false,
  columns: columnsOf<VolumeAttachment>([
    textColumn('Attacher', ({ spec }) => spec?.attacher ?? ''),
    textColumn('PV', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    textColumn('Node', ({ spec }) => spec?.nodeName ?? ''),
    booleanColumn('Attached', ({ status }) => status?.attached ?? false),
  ]),
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: 'attached' },
    spec: { attacher: 'disks.example.com', nodeName: 'node-1', source: { persistentVolumeName: 'disk' } },
  },
  *references({ spec }) {
    const name = spec?.source?.persistentVolumeName;
    const path = ['spec', 'source', 'persistentVolumeName'];
    if (name) yield { path, apiVersion: 'v1', kind: 'PersistentVolume', namespace: undefined, name, optional: true };
  },
  validate({ spec }, issues) {
    const at = issues.at('spec');
    checkDriverName(spec?.attacher ?? '', at.at('attacher'));
    checkSource(spec?.source, at.at('source'));
    if (checkPresent(spec?.nodeName, at.at('nodeName'))) checkSubdomain(spec.nodeName, at.at('nodeName'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(next.spec, previous.spec)) issues.at('spec').invalid(next.spec, 'field is immutable');
  },
});

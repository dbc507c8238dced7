import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, orNone, textColumn } from '../../table.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type ControllerRevision = apps_v1.ControllerRevision;

function controllerText({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (!owner) return orNone(undefined);
  const [group = ''] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [''];
  const kind = owner.kind.toLowerCase();
  return `${group === '' ? kind : `${kind}.${group}`}/${owner.name}`;
}

export const ControllerRevision = defineKind<ControllerRevision>('apps/v1', 'ControllerRevision', {
  columns: columnsOf<ControllerRevision>([
    textColumn('Controller', controllerText),
    textColumn('Revision', ({ revision }) => String(revision)),
  ]),
  validated: true,
  example: { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'agent-1' }, revision: 1, data: {} },
  validate({ data, revision }, issues) {
    if (data === undefined) issues.at('data').required('data is mandatory');
    checkNonNegative(revision, issues.at('revision'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(next.data, previous.data)) issues.at('data').invalid(next.data, 'field is immutable');
  },
});

import { deepEqual } from '../../../shared/deep.ts';
import type { Column } from '../../define-kind.ts';
import { qualifiedNameErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { isDefaultClass } from '../../storage/claim-facts.ts';
import { booleanColumn, columnsOf, nameColumn, textColumn } from '../../table.ts';
import { checkOneOf, checkPresent } from '../../validation/field-checks.ts';
import { checkParameters } from '../../validation/csi.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type StorageClass = storage_v1.StorageClass;

const own = columnsOf<StorageClass>([
  textColumn('Provisioner', ({ provisioner }) => provisioner),
  textColumn('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  textColumn('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  booleanColumn('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
]);
const name: Column<StorageClass> = {
  ...nameColumn,
  cell: (object) => `${object.metadata.name ?? ''}${isDefaultClass(object) ? ' (default)' : ''}`,
};

export const StorageClass = defineKind<StorageClass>('storage.k8s.io/v1', 'StorageClass', {
  returnsDeleted: true,
  shortNames: ['sc'],
  columns: [name, ...own.slice(1)],
  validated: true,
  unrealized: ['mountOptions'],
  example: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: 'example.com/fast',
  },
  applyDefaults(draft) {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
  validate({ provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies }, issues) {
    if (checkPresent(provisioner, issues.at('provisioner'))) {
      invalidEach(issues.at('provisioner'), provisioner, qualifiedNameErrors(provisioner.toLowerCase()));
    }
    checkParameters(parameters ?? {}, issues.at('parameters'));
    checkOneOf(reclaimPolicy, ['Delete', 'Retain'], issues.at('reclaimPolicy'));
    checkOneOf(volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], issues.at('volumeBindingMode'));
    allowedTopologies?.forEach((term, index) => {
      const seen = new Set<string>();
      term.matchLabelExpressions?.forEach(({ key, values }, e) => {
        const at = issues.at('allowedTopologies', index, 'matchLabelExpressions', e);
        if ((values ?? []).length === 0) at.at('values').required();
        values?.forEach((value, v) => {
          if (values.indexOf(value) !== v) at.at('values', v).duplicate(value);
        });
        invalidEach(at.at('key'), key, qualifiedNameErrors(key));
        if (seen.has(key)) at.at('key').duplicate(key);
        seen.add(key);
      });
    });
  },
  validateUpdate(next, previous, issues) {
    for (const name of ['parameters', 'provisioner', 'reclaimPolicy'] as const) {
      if (!deepEqual(next[name], previous[name])) issues.at(name).forbidden(`updates to ${name} are forbidden.`);
    }
    if (next.volumeBindingMode !== previous.volumeBindingMode) {
      issues.at('volumeBindingMode').invalid(next.volumeBindingMode, 'field is immutable');
    }
  },
});

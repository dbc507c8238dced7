import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { booleanColumn, columnsOf, textColumn } from '../../table.ts';
import { checkDriverName } from '../../validation/csi.ts';
import { checkOneOf } from '../../validation/field-checks.ts';
import type { IssueSink } from '../../field-issue.ts';
import type * as storage_v1 from '../generated/storage-v1.gen.ts';

export type CSIDriver = storage_v1.CSIDriver;

const MOST_SECONDS = 2 ** 32;

/** Fixed from the start, because volumes that exist were handled after them. */
const immutable = ['attachRequired', 'fsGroupPolicy', 'volumeLifecycleModes'] as const;

function requestsText(requests: readonly storage_v1.TokenRequest[]): string {
  return requests.length === 0 ? '<unset>' : requests.map(({ audience }) => audience).join(',');
}

function checkTokenRequests(requests: readonly storage_v1.TokenRequest[] | undefined, at: IssueSink): void {
  const seen = new Set<string>();
  requests?.forEach(({ audience, expirationSeconds }, index) => {
    if (seen.has(audience)) at.at(index, 'audience').duplicate(audience);
    seen.add(audience);
    if (expirationSeconds === undefined) return;
    const place = at.at(index, 'expirationSeconds');
    if (expirationSeconds < 600) place.invalid(expirationSeconds, 'may not specify a duration less than 10 minutes');
    if (expirationSeconds > MOST_SECONDS)
      place.invalid(expirationSeconds, 'may not specify a duration larger than 2^32 seconds');
  });
}

export const CSIDriver = defineKind<CSIDriver>('storage.k8s.io/v1', 'CSIDriver', {
  returnsDeleted: true,
  hasGeneration: true,
  columns: columnsOf<CSIDriver>([
    booleanColumn('AttachRequired', ({ spec }) => spec?.attachRequired ?? true),
    booleanColumn('PodInfoOnMount', ({ spec }) => spec?.podInfoOnMount ?? false),
    booleanColumn('StorageCapacity', ({ spec }) => spec?.storageCapacity ?? false),
    textColumn('TokenRequests', ({ spec }) => requestsText(spec?.tokenRequests ?? [])),
    booleanColumn('RequiresRepublish', ({ spec }) => spec?.requiresRepublish ?? false),
    textColumn('Modes', ({ spec }) => (spec?.volumeLifecycleModes ?? []).join(',')),
  ]),
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: 'disks.example.com' },
    spec: { attachRequired: false, podInfoOnMount: true },
  },
  applyDefaults({ spec }) {
    if (!spec) return;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    spec.volumeLifecycleModes ??= ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate({ metadata, spec }, issues) {
    checkDriverName(metadata.name ?? '', issues.at('metadata', 'name'));
    const at = issues.at('spec');
    for (const name of ['attachRequired', 'podInfoOnMount', 'storageCapacity'] as const) {
      if (spec?.[name] === undefined) at.at(name).required();
    }
    for (const mode of spec?.volumeLifecycleModes ?? []) {
      checkOneOf(mode, ['Persistent', 'Ephemeral'], at.at('volumeLifecycleModes'));
    }
    const policies = ['ReadWriteOnceWithFSType', 'None', 'File'];
    if (spec?.fsGroupPolicy !== undefined) checkOneOf(spec.fsGroupPolicy, policies, at.at('fsGroupPolicy'));
    checkTokenRequests(spec?.tokenRequests, at.at('tokenRequests'));
    const period = spec?.nodeAllocatableUpdatePeriodSeconds;
    if (period !== undefined && period < 10) {
      at.at('nodeAllocatableUpdatePeriodSeconds').invalid(period, 'must be greater than or equal to 10 seconds');
    }
  },
  validateUpdate(next, previous, issues) {
    for (const name of immutable) {
      if (deepEqual(next.spec?.[name], previous.spec?.[name])) continue;
      issues.at('spec', name).invalid(next.spec?.[name], 'field is immutable');
    }
  },
});

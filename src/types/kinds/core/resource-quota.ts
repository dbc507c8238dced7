import { deepEqual } from '../../../shared/deep.ts';
import type { IssueSink } from '../../field-issue.ts';
import { checkAmount, isStandardResource } from '../../pod/resources.ts';
import { qualifiedNameErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ResourceQuota = core_v1.ResourceQuota;

const conflicts = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;
const scopes = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];
const computeResources = [
  'pods',
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
  'ephemeral-storage',
  'requests.ephemeral-storage',
  'limits.ephemeral-storage',
];

function appliesTo(scope: string, resource: string): boolean {
  return scope === 'BestEffort' ? resource === 'pods' : computeResources.includes(resource);
}

function checkHard(hard: core_v1.ResourceQuotaSpec['hard'], at: IssueSink): void {
  for (const [name, amount] of Object.entries(hard ?? {})) {
    const place = at.at({ key: name });
    const errors = qualifiedNameErrors(name);
    invalidEach(place, name, errors);
    if (!name.includes('/') && !isStandardResource(name)) place.invalid(name, 'must be a standard resource for quota');
    checkAmount(name, amount, place);
  }
}

function checkScopes(spec: core_v1.ResourceQuotaSpec, at: IssueSink): void {
  const list: readonly string[] = spec.scopes ?? [];
  const place = at.at('scopes');
  for (const scope of list) {
    if (!scopes.includes(scope)) place.invalid(list, 'unsupported scope');
    for (const name of Object.keys(spec.hard ?? {})) {
      if (isStandardResource(name) && scopes.includes(scope) && !appliesTo(scope, name)) {
        place.invalid(list, 'unsupported scope applied to resource');
      }
    }
  }
  if (conflicts.some(([a, b]) => list.includes(a) && list.includes(b))) place.invalid(list, 'conflicting scopes');
}

/** Upstream's paths of the expressions have no index. */
function checkScopeSelector(spec: core_v1.ResourceQuotaSpec, at: IssueSink): void {
  const list = spec.scopeSelector?.matchExpressions ?? [];
  for (const { scopeName, operator, values = [] } of list) {
    const name: string = scopeName;
    if (!scopes.includes(name)) at.at('scopeName').invalid(name, 'unsupported scope');
    if (!['PriorityClass', 'VolumeAttributesClass'].includes(name) && scopes.includes(name) && operator !== 'Exists') {
      at.at('operator').invalid(
        operator,
        "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort and ResourceQuotaScopeNotBestEffort",
      );
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        at.at('values').required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        at.at('values').invalid(
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        );
    } else at.at('operator').invalid(operator, 'not a valid selector operator');
  }
  const names: readonly string[] = list.map(({ scopeName }) => scopeName);
  if (conflicts.some(([a, b]) => names.includes(a) && names.includes(b))) at.invalid(names, 'conflicting scopes');
}

function usage({ status }: ResourceQuota, limits: boolean): string {
  const names = Object.keys(status?.hard ?? {})
    .sort()
    .filter((name) => name.startsWith('limits') === limits);
  return names.map((name) => `${name}: ${status?.used?.[name] ?? 0}/${status?.hard?.[name] ?? 0}`).join(', ');
}

export const ResourceQuota = defineKind<ResourceQuota>('v1', 'ResourceQuota', {
  returnsDeleted: true,
  hasGeneration: false,
  shortNames: ['quota'],
  columns: columnsOf<ResourceQuota>([
    textColumn('Request', (quota) => usage(quota, false)),
    textColumn('Limit', (quota) => usage(quota, true)),
  ]),
  validated: true,
  example: {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'team' },
    spec: { hard: { pods: '20', 'requests.cpu': '4' } },
  },
  validate({ spec }, issues) {
    const at = issues.at('spec');
    checkHard(spec?.hard, at.at('hard'));
    checkScopes(spec ?? {}, at);
    checkScopeSelector(spec ?? {}, at.at('scopeSelector', 'matchExpressions'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(next.spec?.scopes ?? [], previous.spec?.scopes ?? [])) {
      issues.at('spec', 'scopes').invalid(next.spec?.scopes ?? null, 'field is immutable');
    }
  },
});

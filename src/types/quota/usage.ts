/** Sums and comparisons of what ResourceQuotas limit. Pure. */
import type { KindDefinition } from '../define-kind.ts';
import type { ResourceQuotaSpec } from '../kinds/generated/core-v1.gen.ts';
import type { KubeObject } from '../meta.ts';
import { isStandardResource } from '../pod/resources.ts';
import { addQuantities, canonicalQuantity, compareQuantities, quantitySign, subtractQuantities } from '../quantity.ts';
import type { ScopeRequirement, Usage } from './measure.ts';

/** `count/deployments.apps`, `count/configmaps`. */
export function countName({ group, plural }: KindDefinition): string {
  return `count/${plural}${group === '' ? '' : `.${group}`}`;
}

/** Kinds of the core that quotas counted by their bare names before there was `count/`. */
function isCountedByName({ group, plural }: KindDefinition): boolean {
  return group === '' && isStandardResource(plural);
}

export function measures(kind: KindDefinition, resource: string): boolean {
  if (resource === countName(kind)) return true;
  return (isCountedByName(kind) && resource === kind.plural) || kind.quota?.measures(resource) === true;
}

/** Of the resources of that quota, those that objects of the kind can use. */
export function limitedResources(spec: ResourceQuotaSpec | undefined, kind: KindDefinition): readonly string[] {
  return Object.keys(spec?.hard ?? {}).filter((resource) => measures(kind, resource));
}

export function usageOf<T extends KubeObject>(kind: KindDefinition<T>, object: T, now: Date): Usage {
  return {
    [countName(kind)]: '1',
    ...(isCountedByName(kind) ? { [kind.plural]: '1' } : {}),
    ...kind.quota?.usage(object, now),
  };
}

/** Whether the quota is about the object: every scope must hold. */
export function isInScopes<T extends KubeObject>(
  spec: ResourceQuotaSpec | undefined,
  kind: KindDefinition<T>,
  object: T,
): boolean {
  return scopesOf(spec).every((requirement) => kind.quota?.isInScope?.(object, requirement) === true);
}

function scopesOf(spec: ResourceQuotaSpec | undefined): readonly ScopeRequirement[] {
  return [
    ...(spec?.scopes ?? []).map((scope) => ({ scope, operator: 'Exists', values: [] })),
    ...(spec?.scopeSelector?.matchExpressions ?? []).map(({ scopeName, operator, values = [] }) => ({
      scope: scopeName,
      operator,
      values,
    })),
  ];
}

export function onlyOf(usage: Usage, resources: readonly string[]): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([resource]) => resources.includes(resource)));
}

export function sumOf(usages: Iterable<Usage>): Usage {
  const total: Record<string, string> = {};
  for (const usage of usages) {
    for (const [resource, amount] of Object.entries(usage)) {
      total[resource] = addQuantities(total[resource] ?? '0', amount);
    }
  }
  return total;
}

/** What `next` uses more than `previous`. */
export function increase(next: Usage, previous: Usage): Usage {
  const more = Object.entries(next).map(([resource, amount]) => {
    return [resource, subtractQuantities(amount, previous[resource] ?? '0')] as const;
  });
  return Object.fromEntries(more.filter(([, amount]) => quantitySign(amount) > 0));
}

/** The resources of which `used` and `requested` together are more than `hard`. */
export function exceeded(hard: Usage, used: Usage, requested: Usage): readonly string[] {
  return Object.keys(requested).filter((resource) => {
    const [limit, amount] = [hard[resource], requested[resource] ?? '0'];
    return limit !== undefined && compareQuantities(addQuantities(used[resource] ?? '0', amount), limit) > 0;
  });
}

/** `pods=1,requests.cpu=500m`, in alphabetical order. */
export function usageText(usage: Usage): string {
  return Object.keys(usage)
    .sort()
    .map((resource) => `${resource}=${canonicalQuantity(usage[resource] ?? '0')}`)
    .join(',');
}

/** Rules of resource names and amounts, for containers, quotas and limit ranges. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { qualifiedNameErrors } from '../names.ts';
import { canonicalQuantity, compareQuantities, isWholeQuantity, type Quantity } from '../quantity.ts';
import { checkNonNegativeQuantity, checkOneOf } from '../validation/field-checks.ts';
import { invalidEach } from '../validation/metadata.ts';

export type Amounts = { readonly [name: string]: Quantity };

const containerResources: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const countedResources: readonly string[] = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const integerResources: ReadonlySet<string> = new Set(countedResources);
export const quotaResources: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  ...countedResources,
]);
const standardResources: ReadonlySet<string> = new Set([...quotaResources, 'storage']);

export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return qualifiedNameErrors(`requests.${name}`).length === 0;
}

export function isStandardResource(name: string): boolean {
  return standardResources.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');
}

export function isStandardContainerResource(name: string): boolean {
  return containerResources.has(name) || isHugePages(name);
}

export function mayOvercommit(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

/** Qualified, and without a prefix one of the known names. */
export function checkResourceName(name: string, at: IssueSink): void {
  const errors = qualifiedNameErrors(name);
  invalidEach(at, name, errors);
  if (errors.length === 0 && !name.includes('/') && !isStandardResource(name)) {
    at.invalid(name, 'must be a standard resource type or fully qualified');
  }
}

export function checkContainerResourceName(name: string, at: IssueSink): void {
  checkResourceName(name, at);
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name)) at.invalid(name, 'must be a standard resource for containers');
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    at.invalid(name, "doesn't follow extended resource name standard");
  }
}

export function checkAmount(name: string, amount: Quantity, at: IssueSink): void {
  checkNonNegativeQuantity(amount, at);
  if ((integerResources.has(name) || isExtendedResource(name)) && !isWholeQuantity(amount)) {
    at.invalid(canonicalQuantity(amount), 'must be an integer');
  }
}

function checkAmounts(amounts: Amounts | undefined, at: IssueSink): void {
  for (const name in amounts) {
    const place = at.at({ key: name });
    checkContainerResourceName(name, place);
    checkAmount(name, amounts[name] ?? 0, place);
  }
}

function checkRequest(name: string, request: Quantity, limits: Amounts, at: IssueSink): void {
  const limit = limits[name];
  if (limit === undefined) {
    if (!mayOvercommit(name)) at.at('limits').required('Limit must be set for non overcommitable resources');
    return;
  }
  const order = compareQuantities(request, limit);
  const shown = canonicalQuantity(request);
  const most = `${name} limit of ${canonicalQuantity(limit)}`;
  if (order !== 0 && !mayOvercommit(name)) at.at('requests').invalid(shown, `must be equal to ${most}`);
  else if (order > 0) at.at('requests').invalid(shown, `must be less than or equal to ${most}`);
}

export function checkResources(resources: core.ResourceRequirements | undefined, at: IssueSink): void {
  if (!resources) return;
  const { limits = {}, requests = {} } = resources;
  checkAmounts(limits, at.at('limits'));
  for (const name in requests) {
    const amount = requests[name] ?? 0;
    const place = at.at('requests', { key: name });
    checkContainerResourceName(name, place);
    checkAmount(name, amount, place);
    checkRequest(name, amount, limits, at);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory')) {
    at.forbidden('HugePages require cpu or memory');
  }
}

export function checkResizePolicies(policies: readonly core.ContainerResizePolicy[] | undefined, at: IssueSink): void {
  const seen = new Set<string>();
  policies?.forEach(({ resourceName, restartPolicy }, index) => {
    if (seen.has(resourceName)) at.at(index).duplicate(resourceName);
    seen.add(resourceName);
    checkOneOf(resourceName, ['cpu', 'memory'], at.at(index, 'resourceName'));
    checkOneOf(restartPolicy, ['NotRequired', 'RestartContainer'], at.at(index, 'restartPolicy'));
  });
}

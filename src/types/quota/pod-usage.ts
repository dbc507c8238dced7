/** What pods use of a quota. Pure. */
import type { Container, Pod, PodAffinityTerm, ResourceRequirements } from '../kinds/generated/core-v1.gen.ts';
import { isExtendedResource, isHugePages } from '../pod/resources.ts';
import { qosClass } from '../pod/qos.ts';
import { addQuantities, maxQuantity } from '../quantity.ts';
import type { QuotaMeasure, ScopeRequirement, Usage } from './measure.ts';

/** Counted without a prefix too, by what is requested. */
const compute: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];
/** Whoever limits these has every container say how much it needs. */
const demanded: readonly string[] = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

export const podQuota: QuotaMeasure<Pod> = {
  measures: (resource) => resource === 'pods' || isPodResource(resource),
  usage: (pod, now) => (counts(pod, now) ? { pods: '1', ...resourcesOf(pod) } : { pods: '0' }),
  changesAt: (pod, now) => {
    const end = counts(pod, now) ? graceEnd(pod) : undefined;
    return end && end > now ? end : undefined;
  },
  isInScope,
  missing,
};

function isPodResource(resource: string): boolean {
  const [side, name] = resource.startsWith('requests.')
    ? ['requests', resource.slice('requests.'.length)]
    : resource.startsWith('limits.')
      ? ['limits', resource.slice('limits.'.length)]
      : ['', resource];
  if (compute.includes(name)) return true;
  return side !== 'limits' && (isHugePages(name) || (side === 'requests' && isExtendedResource(name)));
}

/** A pod that has ended, or should have, holds nothing but its place among the objects (`count/pods`). */
function counts(pod: Pod, now: Date): boolean {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return false;
  const end = graceEnd(pod);
  return end === undefined || end >= now;
}

/** Until then a pod that is being deleted is waited for; a lost node must not hold its namespace's quota for ever. */
function graceEnd({ metadata }: Pod): Date | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  if (deletionTimestamp === undefined) return undefined;
  return new Date(Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000);
}

function resourcesOf(pod: Pod): Usage {
  const usage: Record<string, Usage[string]> = {};
  for (const [name, amount] of Object.entries(amountsOf(pod, 'requests'))) {
    usage[`requests.${name}`] = amount;
    if (compute.includes(name) || isHugePages(name)) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(amountsOf(pod, 'limits'))) {
    if (compute.includes(name)) usage[`limits.${name}`] = amount;
  }
  return usage;
}

type Side = 'requests' | 'limits';

/** As `podRequests` adds them up for the scheduler, but exactly, and for limits too. */
function amountsOf({ spec }: Pod, side: Side): Usage {
  let running: Usage = {};
  let sidecars: Usage = {};
  let starting: Usage = {};
  for (const { resources } of spec?.containers ?? []) running = sum(running, ofContainer(resources, side));
  for (const { resources, restartPolicy } of spec?.initContainers ?? []) {
    const own = ofContainer(resources, side);
    if (restartPolicy === 'Always') {
      sidecars = sum(sidecars, own);
      running = sum(running, own);
      starting = most(starting, sidecars);
    } else starting = most(starting, sum(sidecars, own));
  }
  const total = { ...most(running, starting), ...ofContainer(spec?.resources, side) };
  const overhead = Object.entries(spec?.overhead ?? {}).filter(([name]) => side === 'requests' || name in total);
  return sum(total, Object.fromEntries(overhead));
}

function ofContainer(resources: ResourceRequirements | undefined, side: Side): Usage {
  return resources?.[side] ?? {};
}

function joined(a: Usage, b: Usage, join: (x: Usage[string], y: Usage[string]) => Usage[string]): Usage {
  const result: Record<string, Usage[string]> = { ...a };
  for (const [name, amount] of Object.entries(b)) result[name] = join(result[name] ?? '0', amount);
  return result;
}

const sum = (a: Usage, b: Usage): Usage => joined(a, b, addQuantities);
const most = (a: Usage, b: Usage): Usage => joined(a, b, maxQuantity);

function isInScope(pod: Pod, { scope, operator, values }: ScopeRequirement): boolean {
  const { spec } = pod;
  switch (scope) {
    case 'Terminating':
      return spec?.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec?.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return spec !== undefined && qosClass(spec) === 'BestEffort';
    case 'NotBestEffort':
      return spec !== undefined && qosClass(spec) !== 'BestEffort';
    case 'CrossNamespacePodAffinity':
      return affinityTerms(pod).some(({ namespaces, namespaceSelector }) => {
        return (namespaces ?? []).length > 0 || namespaceSelector !== undefined;
      });
    case 'PriorityClass':
      return matchesValue(spec?.priorityClassName ?? '', operator, values);
    default:
      return false;
  }
}

export function matchesValue(value: string, operator: string, values: readonly string[]): boolean {
  if (operator === 'In') return values.includes(value);
  if (operator === 'NotIn') return !values.includes(value);
  return operator === 'Exists' ? value !== '' : value === '';
}

function affinityTerms({ spec }: Pod): readonly PodAffinityTerm[] {
  return [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
}

function missing({ spec }: Pod, limited: readonly string[]): string | undefined {
  const needed = demanded.filter((resource) => limited.includes(resource));
  const lacking = new Map<string, string[]>();
  for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
    for (const resource of needed) {
      if (says(container, resource) || says({ resources: spec?.resources }, resource)) continue;
      lacking.set(resource, [...(lacking.get(resource) ?? []), container.name]);
    }
  }
  if (lacking.size === 0) return undefined;
  const texts = [...lacking].map(([resource, names]) => `${resource} for: ${names.sort().join(',')}`);
  return `must specify ${texts.join('; ')}`;
}

function says({ resources }: Pick<Container, 'resources'>, resource: string): boolean {
  const [side, name] = resource.startsWith('limits.')
    ? (['limits', resource.slice('limits.'.length)] as const)
    : (['requests', resource.replace(/^requests\./, '')] as const);
  return resources?.[side]?.[name] !== undefined;
}

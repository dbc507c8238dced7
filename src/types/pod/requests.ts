/** What a pod asks of its node. Pure. */
import { milliValue, quantityToNumber } from '../quantity.ts';
import type { Container, Pod } from '../kinds/generated/core-v1.gen.ts';

/** CPU in thousandths, everything else in units (bytes, counts). */
export type ResourceAmounts = Readonly<Record<string, number>>;

export function amountOf(resource: string, quantity: string | number): number {
  return resource === 'cpu' ? milliValue(quantity) : quantityToNumber(quantity);
}

function containerRequests(container: Pick<Container, 'resources'>): ResourceAmounts {
  const { requests = {}, limits = {} } = container.resources ?? {};
  // The API server has defaulted requests from limits; an object read elsewhere may lack that.
  return Object.fromEntries(
    Object.entries({ ...limits, ...requests }).map(([name, quantity]) => [name, amountOf(name, quantity)]),
  );
}

function combine(a: ResourceAmounts, b: ResourceAmounts, join: (x: number, y: number) => number): ResourceAmounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, join(a[name] ?? 0, b[name] ?? 0)]));
}
const sum = (a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts => combine(a, b, (x, y) => x + y);
const most = (a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts => combine(a, b, Math.max);

/** While a change is not in force the pod holds the most of both, and what its node can never have does not count (KEP-1287). */
function requestsIn({ status }: Pod): (container: Container) => ResourceAmounts {
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = status ?? {};
  const granted = new Map(
    [...initContainerStatuses, ...containerStatuses].map(({ name, allocatedResources }) => [name, allocatedResources]),
  );
  const pending = conditions.find(({ type, status: is }) => type === 'PodResizePending' && is === 'True');
  return (container) => {
    const requests = granted.get(container.name);
    const asked = containerRequests(container);
    if (!requests) return asked;
    const held = containerRequests({ resources: { requests } });
    return pending?.reason === 'Infeasible' ? { ...asked, ...held } : most(asked, held);
  };
}

/**
 * The sum of the containers and sidecars, or the most that any init container needs beside the sidecars started before it
 * (KEP-753); pod-level requests, where given, stand instead of the sum (KEP-2837); overhead on top (KEP-688).
 */
export function podRequests(pod: Pod): ResourceAmounts {
  const spec = pod.spec;
  const requestsOf = requestsIn(pod);
  let running = (spec?.containers ?? []).reduce<ResourceAmounts>(
    (total, container) => sum(total, requestsOf(container)),
    {},
  );
  let sidecars: ResourceAmounts = {};
  let starting: ResourceAmounts = {};
  for (const container of spec?.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      sidecars = sum(sidecars, requests);
      running = sum(running, requests);
      starting = most(starting, sidecars);
    } else {
      starting = most(starting, sum(sidecars, requests));
    }
  }
  const podLevel = containerRequests({ resources: spec?.resources });
  const overhead = Object.fromEntries(
    Object.entries(spec?.overhead ?? {}).map(([name, quantity]) => [name, amountOf(name, quantity)]),
  );
  return sum({ ...most(running, starting), ...podLevel }, overhead);
}

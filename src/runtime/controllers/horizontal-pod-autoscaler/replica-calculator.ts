/** How many pods a metric asks for. Pure (upstream: podautoscaler/replica_calculator.go). */
import type { Milliseconds } from '../../../shared/clock.ts';
import { findCondition } from '../../../types/conditions.ts';
import type { Container, Pod } from '../../../types/kinds/generated/core-v1.gen.ts';
import { milliValue } from '../../../types/quantity.ts';

/** So long after its start a pod's CPU says more of its beginning than of its work. */
const cpuInitialization: Milliseconds = 5 * 60_000;
/** A pod that became unready within this time after its start has never been ready. */
const initialReadiness: Milliseconds = 30_000;

/** In thousandths. */
export interface PodMetric {
  readonly value: number;
  readonly timestamp: Date;
  readonly window: Milliseconds;
}

export type PodMetricsByName = ReadonlyMap<string, PodMetric>;

/** How far the ratio of usage to target may be from 1 without anything being done. */
export interface Tolerances {
  readonly scaleDown: number;
  readonly scaleUp: number;
}

export interface Proposal {
  readonly replicas: number;
  /** Percent of the requests; undefined for plain values. */
  readonly utilization: number | undefined;
  /** Thousandths per pod. */
  readonly average: number;
}

/** Says why no number could be computed. */
export class NotComputable extends Error {}

interface Ratio {
  readonly ratio: number;
  readonly utilization: number | undefined;
  readonly average: number;
}

/** What the two kinds of target differ in. */
interface Measure {
  ratioOf(values: ReadonlyMap<string, number>): Ratio;
  /** What a pod without a figure is taken to use when the others ask for fewer pods. */
  fallback(pod: string): number;
}

export interface Question {
  readonly pods: readonly Pod[];
  readonly metrics: PodMetricsByName;
  /** `cpu`, `memory`. */
  readonly resource: string;
  /** Only this container of each pod. */
  readonly container: string | undefined;
  readonly currentReplicas: number;
  readonly tolerances: Tolerances;
  readonly now: Date;
}

/** @param target percent of what the pods request @throws NotComputable */
export function utilizationProposal(question: Question, target: number): Proposal {
  const requests = requestsOf(question);
  return propose(question, {
    ratioOf(values) {
      const known = [...values].filter(([pod]) => requests.has(pod));
      const total = known.reduce((sum, [, value]) => sum + value, 0);
      const requested = known.reduce((sum, [pod]) => sum + (requests.get(pod) ?? 0), 0);
      if (requested === 0) throw new NotComputable('no metrics returned matched known pods');
      const utilization = Math.trunc((total * 100) / requested);
      return { ratio: utilization / target, utilization, average: Math.trunc(total / known.length) };
    },
    fallback: (pod) => Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, target)) / 100),
  });
}

/** @param target thousandths per pod @throws NotComputable */
export function averageProposal(question: Question, target: number): Proposal {
  return propose(question, {
    ratioOf(values) {
      const average = Math.trunc([...values.values()].reduce((sum, value) => sum + value, 0) / values.size);
      return { ratio: average / target, utilization: undefined, average };
    },
    fallback: () => target,
  });
}

function propose(question: Question, measure: Measure): Proposal {
  const { pods, metrics, currentReplicas, tolerances } = question;
  if (pods.length === 0) throw new NotComputable('no pods returned by selector while calculating replica count');
  const groups = groupPods(question);
  const values = new Map<string, number>();
  for (const [name, { value }] of metrics)
    if (!groups.ignored.has(name) && !groups.unready.has(name)) values.set(name, value);
  if (values.size === 0) throw new NotComputable('did not receive metrics for targeted pods (pods might be unready)');
  const { ratio, utilization, average } = measure.ratioOf(values);
  const answer = (replicas: number): Proposal => ({ replicas, utilization, average });
  const upWithUnready = groups.unready.size > 0 && ratio > 1;
  if (!upWithUnready && groups.missing.size === 0)
    return answer(isWithin(tolerances, ratio) ? currentReplicas : Math.ceil(ratio * groups.ready));
  // What is not known is taken to speak against the change.
  for (const pod of groups.missing) {
    if (ratio < 1) values.set(pod, measure.fallback(pod));
    else if (ratio > 1) values.set(pod, 0);
  }
  if (upWithUnready) for (const pod of groups.unready) values.set(pod, 0);
  const { ratio: cautious } = measure.ratioOf(values);
  const turned = (ratio < 1 && cautious > 1) || (ratio > 1 && cautious < 1);
  if (isWithin(tolerances, cautious) || turned) return answer(currentReplicas);
  const replicas = Math.ceil(cautious * values.size);
  const against = (cautious < 1 && replicas > currentReplicas) || (cautious > 1 && replicas < currentReplicas);
  return answer(against ? currentReplicas : replicas);
}

function isWithin({ scaleDown, scaleUp }: Tolerances, ratio: number): boolean {
  return 1 - scaleDown <= ratio && ratio <= 1 + scaleUp;
}

interface Groups {
  readonly ready: number;
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

function groupPods({ pods, metrics, resource, now }: Question): Groups {
  const [unready, missing, ignored] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let ready = 0;
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata;
    const metric = metrics.get(name);
    if (deletionTimestamp !== undefined || pod.status?.phase === 'Failed') ignored.add(name);
    else if (pod.status?.phase === 'Pending') unready.add(name);
    else if (!metric) missing.add(name);
    else if (resource === 'cpu' && isWarmingUp(pod, metric, now)) unready.add(name);
    else ready += 1;
  }
  return { ready, unready, missing, ignored };
}

function isWarmingUp({ status }: Pod, metric: PodMetric, now: Date): boolean {
  const ready = findCondition(status?.conditions, 'Ready');
  if (!ready?.lastTransitionTime || !status?.startTime) return true;
  const [start, change] = [Date.parse(status.startTime), Date.parse(ready.lastTransitionTime)];
  if (start + cpuInitialization > now.getTime())
    return ready.status === 'False' || metric.timestamp.getTime() < change + metric.window;
  return ready.status === 'False' && start + initialReadiness > change;
}

/** Thousandths by pod. @throws NotComputable when a container requests nothing */
function requestsOf({ pods, resource, container }: Question): ReadonlyMap<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name ?? '', requestOf(pod, resource, container)]));
}

function requestOf(pod: Pod, resource: string, only: string | undefined): number {
  const whole = only === undefined ? pod.spec?.resources?.requests?.[resource] : undefined;
  if (whole !== undefined) return milliValue(whole);
  let sum = 0;
  for (const container of runningContainers(pod)) {
    if (only !== undefined && container.name !== only) continue;
    const request = container.resources?.requests?.[resource];
    if (request === undefined)
      throw new NotComputable(
        `missing request for ${resource} in container ${container.name} of Pod ${pod.metadata.name ?? ''}`,
      );
    sum += milliValue(request);
  }
  return sum;
}

function runningContainers({ spec }: Pod): readonly Container[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...sidecars];
}

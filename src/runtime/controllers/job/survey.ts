/** What a job's pods add up to. Pure. */
import type { Job } from '../../../types/kinds/batch/job.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isPodActive, isPodReady } from '../framework/pod-state.ts';
import { nextBackOff } from './back-off.ts';
import type { BackOff } from './back-off.ts';
import { hasIndex, indexesOf, parseIndexes, unionOf } from './indexes.ts';
import type { Indexes } from './indexes.ts';
import { completionIndex, finishTime, indexFailures, isEnding, isIndexed, isPodFailed, isTracked } from './job-pods.ts';
import { judgeFailure } from './policies.ts';

export interface SurveyInput {
  readonly job: Persisted<Job>;
  /** All pods that the job controls. */
  readonly pods: readonly Persisted<Pod>[];
  /** Uids of pods whose finalizer was taken off, which the local copy does not show yet. */
  readonly released: ReadonlySet<string>;
  readonly backOff: BackOff;
}

export interface Survey {
  readonly job: Persisted<Job>;
  readonly pods: readonly Persisted<Pod>[];
  /** Pods that carry the tracking finalizer: nobody has counted them for good. */
  readonly tracked: readonly Persisted<Pod>[];
  readonly active: readonly Persisted<Pod>[];
  readonly ready: number;
  readonly terminating: number;
  /** Ended pods, counted in the status, about to be, and not even noticed so far. */
  readonly succeeded: number;
  readonly failed: number;
  /** Of an indexed job: as the status has it, and with what has come since. */
  readonly knownIndexes: Indexes;
  readonly succeededIndexes: Indexes;
  /** With backoffLimitPerIndex only. */
  readonly failedIndexes: Indexes | undefined;
  /** With backoffLimitPerIndex: the last failed pod of an index, kept until its successor has taken the count over. */
  readonly awaitingSuccessor: ReadonlyMap<number, Persisted<Pod>>;
  readonly backOff: BackOff;
}

export function surveyPods(input: SurveyInput): Survey {
  const { job, pods } = input;
  const tracked = pods.filter((pod) => isTracked(pod) && !input.released.has(pod.metadata.uid));
  const active = pods.filter(isPodActive);
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  const valid = tracked.filter((pod) => indexInRange(job, pod));
  const newlySucceeded = valid.filter((pod) => pod.status?.phase === 'Succeeded' && !succeeded.includes(uidOf(pod)));
  const newlyFailed = valid.filter((pod) => isPodFailed(job, pod) && !failed.includes(uidOf(pod)));
  const counted = newlyFailed.filter((pod) => judgeFailure(job, pod).counts);
  return {
    job,
    pods,
    tracked,
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isEnding).length,
    succeeded: (job.status?.succeeded ?? 0) + succeeded.length + newlySucceeded.length,
    failed: (job.status?.failed ?? 0) + failed.length + counted.length,
    backOff: nextBackOff(input.backOff, newlySucceeded, newlyFailed),
    ...surveyIndexes(job, tracked, active),
  };
}

function uidOf(pod: Persisted<Pod>): string {
  return pod.metadata.uid;
}

/** Of an indexed job that was scaled down, pods beyond the range count no more. */
export function indexInRange(job: Job, pod: Pod): boolean {
  if (!isIndexed(job)) return true;
  const index = completionIndex(pod);
  return index !== undefined && index < (job.spec?.completions ?? 0);
}

type IndexSurvey = Pick<Survey, 'knownIndexes' | 'succeededIndexes' | 'failedIndexes' | 'awaitingSuccessor'>;

function surveyIndexes(
  job: Persisted<Job>,
  tracked: readonly Persisted<Pod>[],
  active: readonly Persisted<Pod>[],
): IndexSurvey {
  const none = { knownIndexes: [], succeededIndexes: [], failedIndexes: undefined, awaitingSuccessor: new Map() };
  if (!isIndexed(job)) return none;
  const valid = tracked.filter((pod) => indexInRange(job, pod));
  const { completions = 0, backoffLimitPerIndex } = job.spec ?? {};
  const knownIndexes = parseIndexes(job.status?.completedIndexes, completions);
  const fresh = indexesOfPods(valid.filter((pod) => pod.status?.phase === 'Succeeded'));
  const succeededIndexes = unionOf(knownIndexes, fresh);
  if (backoffLimitPerIndex === undefined) return { ...none, knownIndexes, succeededIndexes };
  const failedBefore = parseIndexes(job.status?.failedIndexes, completions);
  const failedNow = indexesOfPods(valid.filter((pod) => failsIndex(job, pod, backoffLimitPerIndex)));
  const failedIndexes = unionOf(failedBefore, failedNow);
  const settled = unionOf(succeededIndexes, failedIndexes, indexesOfPods(active));
  const awaitingSuccessor = lastFailedPods(job, valid, settled);
  return { knownIndexes, succeededIndexes, failedIndexes, awaitingSuccessor };
}

export function indexesOfPods(pods: readonly Pod[]): Indexes {
  return indexesOf(pods.map(completionIndex).filter((index) => index !== undefined));
}

function failsIndex(job: Job, pod: Pod, limit: number): boolean {
  if (!isPodFailed(job, pod)) return false;
  const { action, counts } = judgeFailure(job, pod);
  return action === 'FailIndex' || (counts && indexFailures(pod).counted >= limit);
}

function lastFailedPods(
  job: Job,
  pods: readonly Persisted<Pod>[],
  settled: Indexes,
): ReadonlyMap<number, Persisted<Pod>> {
  const last = new Map<number, Persisted<Pod>>();
  for (const pod of pods) {
    const index = completionIndex(pod);
    if (index === undefined || !isPodFailed(job, pod) || hasIndex(settled, index)) continue;
    const other = last.get(index);
    if (!other || isLater(pod, other)) last.set(index, pod);
  }
  return last;
}

function isLater(pod: Pod, other: Pod): boolean {
  const [a, b] = [indexFailures(pod), indexFailures(other)];
  return b.counted + b.ignored <= a.counted + a.ignored && finishTime(pod) >= finishTime(other);
}

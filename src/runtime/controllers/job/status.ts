/**
 * A job's status: pods are first noted in it by uid, then let go, then counted, so that none is counted twice or lost,
 * whatever is interrupted in between (KEP-2307). Pure.
 */
import { findCondition, setCondition } from '../../../types/conditions.ts';
import type { JobCondition, JobStatus } from '../../../types/kinds/generated/batch-v1.gen.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { countOf, hasIndex, indexesOf, indexesText, unionOf } from './indexes.ts';
import { completionIndex, isIndexed, isPodFailed } from './job-pods.ts';
import { isSuspended } from './plan.ts';
import type { Verdict } from './plan.ts';
import { judgeFailure } from './policies.ts';
import { indexInRange } from './survey.ts';
import type { Survey } from './survey.ts';

/** At most this many pods are noted in one status, so that it stays small (upstream's MaxUncountedPods). */
const mostUncounted = 500;

/** Pods as they are once a plan is carried out. */
export interface PodCounts {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
}

export interface Noted {
  /** To be written before any pod is let go. */
  readonly status: JobStatus;
  /** Pods whose finalizer may go once that is written. */
  readonly release: readonly Persisted<Pod>[];
  /** Whether every ended pod is noted; if not, another round follows. */
  readonly all: boolean;
}

export function notePods(survey: Survey, verdict: Verdict | undefined, counts: PodCounts): Noted {
  const { job, tracked } = survey;
  const before = countReleased(job.status ?? {}, new Set(tracked.map((pod) => pod.metadata.uid)));
  const succeeded = [...(before.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(before.uncountedTerminatedPods?.failed ?? [])];
  const indexes: number[] = [];
  const release: Persisted<Pod>[] = [];
  let all = true;
  for (const pod of inOrder(survey)) {
    if (!mayRelease(survey, verdict, pod)) continue;
    release.push(pod);
    const { uid } = pod.metadata;
    if (pod.status?.phase === 'Succeeded' && !failed.includes(uid)) {
      const index = completionIndex(pod);
      if (!isIndexed(job)) pushNew(succeeded, uid);
      else if (index !== undefined && indexInRange(job, pod) && !hasIndex(survey.knownIndexes, index)) {
        indexes.push(index);
      }
    } else if (countsAsFailed(survey, verdict, pod)) pushNew(failed, uid);
    all = indexes.length + succeeded.length + failed.length < mostUncounted;
    if (!all) break;
  }
  const uncountedTerminatedPods = {
    ...(succeeded.length === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed }),
  };
  const status: JobStatus = { ...before, ...counts, ...indexFields(survey, indexes), uncountedTerminatedPods };
  return { status: normalized(status), release, all };
}

function pushNew(list: string[], uid: string): void {
  if (!list.includes(uid)) list.push(uid);
}

function inOrder({ job, tracked }: Survey): readonly Persisted<Pod>[] {
  if (!isIndexed(job)) return tracked;
  return [...tracked].sort((a, b) => (completionIndex(a) ?? -1) - (completionIndex(b) ?? -1));
}

function mayRelease({ job, awaitingSuccessor }: Survey, verdict: Verdict | undefined, pod: Persisted<Pod>): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict || pod.status?.phase === 'Succeeded') return true;
  if (!isPodFailed(job, pod)) return false;
  const index = completionIndex(pod);
  return index === undefined || awaitingSuccessor.get(index)?.metadata.uid !== pod.metadata.uid;
}

/** When a job fails, whatever has not ended counts as failed. */
function countsAsFailed({ job }: Survey, verdict: Verdict | undefined, pod: Persisted<Pod>): boolean {
  if (pod.status?.phase === 'Succeeded' || !indexInRange(job, pod)) return false;
  return (isPodFailed(job, pod) || verdict?.type === 'FailureTarget') && judgeFailure(job, pod).counts;
}

function indexFields(
  survey: Survey,
  fresh: readonly number[],
): Pick<JobStatus, 'succeeded' | 'completedIndexes' | 'failedIndexes'> {
  if (!isIndexed(survey.job)) return {};
  const completed = unionOf(survey.knownIndexes, indexesOf(fresh), survey.succeededIndexes);
  return {
    succeeded: countOf(completed),
    completedIndexes: indexesText(completed),
    failedIndexes: survey.failedIndexes && indexesText(survey.failedIndexes),
  };
}

/** Counts the noted pods that are no longer tracked. */
export function countReleased(status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const isTracked = (uid: string): boolean => tracked.has(uid);
  const left = { succeeded: succeeded.filter(isTracked), failed: failed.filter(isTracked) };
  return normalized({
    ...status,
    succeeded: (status.succeeded ?? 0) + succeeded.length - left.succeeded.length,
    failed: (status.failed ?? 0) + failed.length - left.failed.length,
    uncountedTerminatedPods: {
      ...(left.succeeded.length === 0 ? {} : { succeeded: left.succeeded }),
      ...(left.failed.length === 0 ? {} : { failed: left.failed }),
    },
  });
}

export function withVerdict(status: JobStatus, verdict: Verdict, now: Date): JobStatus {
  if (findCondition(status.conditions, verdict.type)?.status === 'True') return status;
  return withCondition(status, verdict.type, 'True', verdict, now);
}

/** Complete or Failed, once every pod has ended and is counted; undefined before. */
export function finished(status: JobStatus, verdict: Verdict, now: Date): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0 || (status.terminating ?? 0) > 0) return undefined;
  if (verdict.type === 'FailureTarget') return withCondition(status, 'Failed', 'True', verdict, now);
  return { ...withCondition(status, 'Complete', 'True', verdict, now), completionTime: timeText(now) };
}

export interface Suspension {
  readonly status: JobStatus;
  /** What has changed, if anything. */
  readonly event: 'Suspended' | 'Resumed' | undefined;
}

/** A job that never was suspended has no such condition. */
export function withSuspension(survey: Survey, status: JobStatus, now: Date): Suspension {
  const current = findCondition(status.conditions, 'Suspended');
  if (isSuspended(survey.job)) {
    if (current?.status === 'True') return { status, event: undefined };
    const why = { reason: 'JobSuspended', message: 'Job suspended' };
    // The deadline counts the time that a job is active without a break: it begins anew.
    const { startTime: _, ...rest } = withCondition(status, 'Suspended', 'True', why, now);
    return { status: rest, event: 'Suspended' };
  }
  if (current?.status !== 'True') return { status, event: undefined };
  const why = { reason: 'JobResumed', message: 'Job resumed' };
  const resumed = withCondition(status, 'Suspended', 'False', why, now);
  return { status: { ...resumed, startTime: timeText(now) }, event: 'Resumed' };
}

export function started(status: JobStatus, now: Date): JobStatus {
  return { startTime: timeText(now), ...status };
}

function withCondition(
  status: JobStatus,
  type: string,
  value: 'True' | 'False',
  { reason, message }: { readonly reason: string; readonly message: string },
  now: Date,
): JobStatus {
  const at = timeText(now);
  const condition: JobCondition = {
    type,
    status: value,
    lastProbeTime: at,
    lastTransitionTime: at,
    ...(reason === '' ? {} : { reason }),
    ...(message === '' ? {} : { message }),
  };
  return { ...status, conditions: setCondition(status.conditions, condition) };
}

/** Zeros and empty texts are left out on the wire where upstream omits them; pointers keep their zeros. */
function normalized(status: JobStatus): JobStatus {
  const { active, succeeded, failed, completedIndexes, failedIndexes, ...rest } = status;
  return {
    ...rest,
    ...(active ? { active } : {}),
    ...(succeeded ? { succeeded } : {}),
    ...(failed ? { failed } : {}),
    ...(completedIndexes ? { completedIndexes } : {}),
    ...(failedIndexes === undefined ? {} : { failedIndexes }),
  };
}

export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

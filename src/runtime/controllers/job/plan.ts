/** What a job has to do next: which pods to create, which to delete, and whether it has come to its end. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { findCondition, isConditionTrue } from '../../../types/conditions.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { remaining, remainingForIndex } from './back-off.ts';
import { countOf, firstFree, unionOf } from './indexes.ts';
import {
  compareForRemoval,
  completionIndex,
  isEnding,
  isIndexed,
  isPodFailed,
  replacesOnlyFailed,
} from './job-pods.ts';
import { judgeFailure, satisfiedRule } from './policies.ts';
import { indexesOfPods, indexInRange } from './survey.ts';
import type { Survey } from './survey.ts';

/** Why a job ends. It is written down first, and becomes Complete or Failed when its last pod has ended. */
export interface Verdict {
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget';
  readonly reason: string;
  readonly message: string;
}

export interface JobPlan {
  readonly verdict: Verdict | undefined;
  /** Pods to delete, since the job ends; they are counted. */
  readonly end: readonly Persisted<Pod>[];
  /** Pods to delete, since there are too many; they are not counted. */
  readonly remove: readonly Persisted<Pod>[];
  /** One entry per pod to create: its completion index, if the job is indexed. */
  readonly create: readonly (number | undefined)[];
  readonly requeueAfter: Milliseconds | undefined;
}

/** At most this many creations or deletions in one go (upstream's MaxPodCreateDeletePerSync). */
const burst = 500;

/** @param mayManage whether the local copy shows all that was created and deleted before */
export function planJob(survey: Survey, mayManage: boolean, now: Date): JobPlan {
  const { job, active } = survey;
  const verdict = verdictOf(survey, now);
  const idle = { verdict, end: [], remove: [], create: [], requeueAfter: undefined };
  if (verdict) return { ...idle, end: active };
  const deadline = untilDeadline(job, now);
  if (!mayManage || job.metadata.deletionTimestamp !== undefined) return { ...idle, requeueAfter: deadline };
  if (isSuspended(job)) return { ...idle, remove: surplusPods(job, active, active.length) };
  const wanted = wantedPods(survey);
  const remove = surplusPods(job, active, Math.max(0, active.length - wanted)).slice(0, burst);
  // Either deletions or creations: an index must not be given again before its pod is gone.
  if (remove.length > 0) return { ...idle, remove, requeueAfter: deadline };
  const missing = wanted - active.length - (replacesOnlyFailed(job) ? survey.terminating : 0);
  const { create, delay } = planCreations(survey, Math.min(missing, burst), now);
  return { ...idle, create, requeueAfter: earliest(deadline, delay) };
}

/** Whether all that was asked for is done, once a plan without verdict is carried out. */
export function completion({ job, succeeded, succeededIndexes }: Survey, active: number): Verdict | undefined {
  const done = isIndexed(job) ? countOf(succeededIndexes) : succeeded;
  // Without a number of completions, the first success is the sign that the work is done.
  if (active > 0 || done < (job.spec?.completions ?? 1)) return undefined;
  return {
    type: 'SuccessCriteriaMet',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  };
}

export function isSuspended({ spec }: Job): boolean {
  return spec?.suspend === true;
}

export function isFinished({ status }: Job): boolean {
  return isConditionTrue(status?.conditions, 'Complete') || isConditionTrue(status?.conditions, 'Failed');
}

function verdictOf(survey: Survey, now: Date): Verdict | undefined {
  return knownVerdict(survey.job) ?? failureByPolicy(survey) ?? failureByLimit(survey, now) ?? verdictOfIndexes(survey);
}

function knownVerdict({ status }: Job): Verdict | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const condition = findCondition(status?.conditions, type);
    if (condition?.status === 'True') {
      return { type, reason: condition.reason ?? '', message: condition.message ?? '' };
    }
  }
  return undefined;
}

function failure(reason: string, message: string): Verdict {
  return { type: 'FailureTarget', reason, message };
}

function failureByPolicy({ job, pods }: Survey): Verdict | undefined {
  if (!job.spec?.podFailurePolicy) return undefined;
  for (const pod of pods) {
    const message = isPodFailed(job, pod) ? judgeFailure(job, pod).message : undefined;
    if (message !== undefined) return failure('PodFailurePolicy', message);
  }
  return undefined;
}

function failureByLimit({ job, pods, failed }: Survey, now: Date): Verdict | undefined {
  const limit = job.spec?.backoffLimit ?? 6;
  if (failed > limit || restartsExceed(job, pods, limit)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  const left = untilDeadline(job, now);
  if (left === undefined || left > 0) return undefined;
  return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
}

/** Where containers are restarted in place, their restarts are the failures. */
function restartsExceed(job: Job, pods: readonly Pod[], limit: number): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of status.initContainerStatuses ?? []) restarts += restartCount;
    for (const { restartCount } of status.containerStatuses ?? []) restarts += restartCount;
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function verdictOfIndexes({ job, succeededIndexes, failedIndexes = [] }: Survey): Verdict | undefined {
  const { completions = 0, maxFailedIndexes, successPolicy } = job.spec ?? {};
  if (!isIndexed(job)) return undefined;
  const failed = countOf(failedIndexes);
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const text = 'Job has exceeded the specified maximal number of failed indexes';
    return failure('MaxFailedIndexesExceeded', text);
  }
  if (failed > 0 && failed + countOf(succeededIndexes) >= completions) {
    return failure('FailedIndexes', 'Job has failed indexes');
  }
  const rule = satisfiedRule(successPolicy, succeededIndexes, completions);
  if (rule === undefined) return undefined;
  return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
}

/** Time until the job has been active for too long; undefined without such a limit or while it is suspended. */
function untilDeadline(job: Job, now: Date): Milliseconds | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  if (seconds === undefined || isSuspended(job)) return undefined;
  const started = job.status?.startTime === undefined ? now.getTime() : Date.parse(job.status.startTime);
  return Math.max(0, started + seconds * 1000 - now.getTime());
}

function wantedPods({ job, active, succeeded, succeededIndexes }: Survey): number {
  const { parallelism = 1, completions } = job.spec ?? {};
  // A work queue: once a pod says that it is empty, the others may finish, and none is started.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  const done = isIndexed(job) ? countOf(succeededIndexes) : succeeded;
  return Math.max(0, Math.min(parallelism, completions - done));
}

/** At least `atLeast` pods; of an indexed job also those whose index is taken twice, out of range or missing. */
function surplusPods(job: Job, active: readonly Persisted<Pod>[], atLeast: number): readonly Persisted<Pod>[] {
  const inOrder = [...active].sort(compareForRemoval);
  const misplaced = new Set<Persisted<Pod>>();
  if (isIndexed(job)) {
    const seen = new Set<number>();
    for (const pod of inOrder.toReversed()) {
      const index = completionIndex(pod);
      if (index === undefined || !indexInRange(job, pod) || seen.has(index)) misplaced.add(pod);
      else seen.add(index);
    }
  }
  const rest = inOrder.filter((pod) => !misplaced.has(pod));
  return [...misplaced, ...rest.slice(0, Math.max(0, atLeast - misplaced.size))];
}

interface Creations {
  readonly create: readonly (number | undefined)[];
  readonly delay: Milliseconds | undefined;
}

function planCreations(survey: Survey, count: number, now: Date): Creations {
  if (count <= 0) return { create: [], delay: undefined };
  const { job } = survey;
  const perIndex = job.spec?.backoffLimitPerIndex !== undefined;
  const delay = perIndex ? 0 : remaining(survey.backOff, now);
  if (delay > 0) return { create: [], delay };
  if (!isIndexed(job)) return { create: Array.from({ length: count }, () => undefined), delay: undefined };
  const free = freeIndexes(survey, count);
  if (!perIndex) return { create: free, delay: undefined };
  const delays = free.map((index) => remainingForIndex(survey.awaitingSuccessor.get(index), now));
  const waits = delays.filter((wait) => wait > 0);
  return {
    create: free.filter((_, i) => delays[i] === 0),
    delay: waits.length === 0 ? undefined : Math.min(...waits),
  };
}

function freeIndexes({ job, pods, active, succeededIndexes, failedIndexes = [] }: Survey, count: number) {
  const leaving = replacesOnlyFailed(job) ? pods.filter(isEnding) : [];
  const taken = unionOf(succeededIndexes, failedIndexes, indexesOfPods(active), indexesOfPods(leaving));
  return firstFree(taken, count, job.spec?.completions ?? 0);
}

function earliest(...delays: readonly (Milliseconds | undefined)[]): Milliseconds | undefined {
  const known = delays.filter((delay) => delay !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** What a job asks of the state of its pods. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';
import type { ContainerStatus } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isPodReady, isPodTerminal, isPodTerminating, podReadySince } from '../framework/pod-state.ts';

/** Holds a pod until its job has counted it (KEP-2307). */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
/** Annotation and label. */
export const completionIndexKey = 'batch.kubernetes.io/job-completion-index';
/** How many pods of the same index failed before this one, those that a policy ignores left out (KEP-3850). */
export const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';
export const ignoredFailureCountKey = 'batch.kubernetes.io/job-index-ignored-failure-count';

export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) === true;
}

export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === 'Indexed';
}

export function completionIndex(pod: Pod): number | undefined {
  return count(pod, completionIndexKey);
}

export function indexFailures(pod: Pod): { readonly counted: number; readonly ignored: number } {
  return { counted: count(pod, failureCountKey) ?? 0, ignored: count(pod, ignoredFailureCountKey) ?? 0 };
}

function count(pod: Pod, annotation: string): number | undefined {
  const text = pod.metadata.annotations?.[annotation] ?? '';
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  return number <= 2_147_483_647 ? number : undefined;
}

/** A pod that is being deleted is replaced only when it has ended (KEP-3939). */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined;
}

/** Being deleted counts as failed where such a pod is replaced at once: it may never get to say so itself. */
export function isPodFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && isPodTerminating(pod) && pod.status?.phase !== 'Succeeded';
}

/** Being deleted, and not at its end yet. */
export function isEnding(pod: Pod): boolean {
  return isPodTerminating(pod) && !isPodTerminal(pod);
}

/** When the pod came to its end, as well as can be told. */
export function finishTime(pod: Pod): Milliseconds {
  const byContainers = lastFinish(pod);
  if (byContainers !== undefined) return byContainers;
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime !== undefined) return Date.parse(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp = '' } = pod.metadata;
  if (deletionTimestamp !== undefined) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return Date.parse(creationTimestamp);
}

/** Sidecars end after the containers that they serve. */
function lastFinish({ spec, status }: Pod): Milliseconds | undefined {
  const sidecars = (spec?.initContainers ?? [])
    .filter(({ restartPolicy }) => restartPolicy === 'Always')
    .map(({ name }) => name);
  const statuses: readonly ContainerStatus[] = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.includes(name)),
  ];
  const ends = statuses.map(({ state }) => state?.terminated?.finishedAt);
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return Math.max(...ends.map((end) => Date.parse(end ?? '')));
}

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Negative when `a` is to go before `b`: whatever has come less far goes first. */
export function compareForRemoval(a: Persisted<Pod>, b: Persisted<Pod>): number {
  return (
    assigned(a) - assigned(b) ||
    phase(a) - phase(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    (podReadySince(b)?.getTime() ?? 0) - (podReadySince(a)?.getTime() ?? 0) ||
    restarts(b) - restarts(a) ||
    Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp)
  );
}

function assigned(pod: Pod): number {
  return (pod.spec?.nodeName ?? '') === '' ? 0 : 1;
}

function phase(pod: Pod): number {
  return phases[pod.status?.phase ?? 'Pending'] ?? 0;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}

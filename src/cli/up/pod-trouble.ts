/** Why a pod will not become ready by waiting longer. Pure. */
import type { Pod } from '../../types/kinds/core/pod.ts';

export interface PodTrouble {
  readonly reason: string;
  readonly message: string;
  /** The container that it is about; undefined for the pod as a whole. */
  readonly of: string | undefined;
  /** The container whose last log lines tell more; undefined where none has run. */
  readonly container: string | undefined;
  /** Whether the lines are those of the run before. */
  readonly previous: boolean;
  /** The cluster itself may be about to end it: only what lasts counts. */
  readonly passing?: boolean;
}

/** Waiting reasons that no patience heals, with the number of restarts from which they count. */
const hopeless: Readonly<Record<string, number>> = {
  InvalidImageName: 0,
  ErrImageNeverPull: 0,
  ImagePullBackOff: 0,
  CreateContainerConfigError: 0,
  CreateContainerError: 0,
  RunContainerError: 1,
  CrashLoopBackOff: 2,
};

/** What a pod waits for that somebody in the cluster may be making just now: claims, and the volumes behind them. */
const inTheMaking = /persistentvolumeclaim|volume binding/i;

/** A job counts restarts itself, and says when there were too many. */
const countedByJobs: readonly string[] = ['RunContainerError', 'CrashLoopBackOff'];

export function podTrouble({ metadata, status }: Pod): PodTrouble | undefined {
  const ofJob =
    metadata.ownerReferences?.some(({ controller, kind }) => controller === true && kind === 'Job') === true;
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const waiting = container.state?.waiting;
    const threshold = hopeless[waiting?.reason ?? ''];
    if (!waiting || threshold === undefined || container.restartCount < threshold) continue;
    if (ofJob && countedByJobs.includes(waiting.reason ?? '')) continue;
    const last = container.lastState?.terminated;
    const exit = last
      ? `; it last ended with exit code ${last.exitCode}${last.reason === undefined ? '' : ` (${last.reason})`}`
      : '';
    return {
      reason: waiting.reason ?? '',
      of: container.name,
      message: `container ${container.name}: ${waiting.message ?? waiting.reason ?? ''}${exit}`,
      container: last ? container.name : undefined,
      previous: true,
    };
  }
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    return {
      reason: 'Unschedulable',
      message: scheduled.message ?? 'no node takes it',
      of: undefined,
      container: undefined,
      previous: false,
      ...(inTheMaking.test(scheduled.message ?? '') ? { passing: true } : {}),
    };
  }
  return undefined;
}

/** How a pod failed: the container that ended badly, in its last run or the one before. */
export function podFailure({ status }: Pod): PodTrouble | undefined {
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const now = container.state?.terminated;
    const ended = now ?? container.lastState?.terminated;
    if (!ended || ended.exitCode === 0) continue;
    const reason = ended.reason ?? 'Error';
    const message = ended.message === undefined ? '' : `: ${ended.message.trimEnd()}`;
    return {
      reason,
      of: container.name,
      message: `container ${container.name} ended with exit code ${ended.exitCode}${message}`,
      container: container.name,
      previous: !now,
    };
  }
  if (status?.phase !== 'Failed') return undefined;
  const { reason = 'Failed', message = 'it failed' } = status;
  return { reason, message, of: undefined, container: undefined, previous: false };
}

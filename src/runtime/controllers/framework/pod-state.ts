/** What controllers ask of a pod's state. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { findCondition, isConditionTrue } from '../../../types/conditions.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Index } from '../../client/informer.ts';

export const byNodeName: Index<Pod> = {
  name: 'spec.nodeName',
  values: (pod) => [pod.spec?.nodeName ?? ''],
};

/** All containers have ended and none will be restarted. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function isPodTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Counts towards the replicas of its owner. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && !isPodTerminating(pod);
}

export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod.status?.conditions, 'Ready');
}

/** When the pod last became ready; undefined while it is not. */
export function podReadySince(pod: Pod): Date | undefined {
  const condition = findCondition(pod.status?.conditions, 'Ready');
  if (condition?.status !== 'True' || condition.lastTransitionTime === undefined) return undefined;
  return new Date(condition.lastTransitionTime);
}

/** Milliseconds until a ready pod has been so for `minReadySeconds`; 0 when it has, undefined when it is not ready. */
export function untilAvailable(pod: Pod, minReadySeconds: number, now: Date): Milliseconds | undefined {
  if (!isPodReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = podReadySince(pod);
  if (!since) return undefined;
  return Math.max(0, since.getTime() + minReadySeconds * 1000 - now.getTime());
}

/** When the next ready pod becomes available by the passing of time alone; undefined when none does. */
export function nextAvailability(pods: readonly Pod[], minReadySeconds: number, now: Date): Milliseconds | undefined {
  let next: Milliseconds | undefined;
  for (const pod of pods) {
    const wait = isPodActive(pod) ? untilAvailable(pod, minReadySeconds, now) : undefined;
    if (wait !== undefined && wait > 0 && (next === undefined || wait < next)) next = wait;
  }
  return next;
}

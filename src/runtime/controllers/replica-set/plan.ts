/** How many pods to create, and which ones to delete. Pure. */
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isPodReady, podReadySince } from '../framework/pod-state.ts';

export interface ReplicaPlan {
  readonly create: number;
  readonly remove: readonly Persisted<Pod>[];
}

/** At most this many creations or deletions in one go (upstream's BurstReplicas). */
const burst = 500;

/**
 * @param active pods that count towards the replicas
 * @param related active pods of the replica sets with the same owner, these included: pods are taken away first where
 *   they stand close together
 */
export function planReplicas(
  replicas: number,
  active: readonly Persisted<Pod>[],
  related: readonly Persisted<Pod>[],
  now: Date,
): ReplicaPlan {
  const missing = replicas - active.length;
  if (missing >= 0) return { create: Math.min(missing, burst), remove: [] };
  const surplus = Math.min(-missing, burst);
  if (surplus >= active.length) return { create: 0, remove: active };
  const crowd = new Map<string, number>();
  for (const { spec } of related) {
    const node = spec?.nodeName ?? '';
    crowd.set(node, (crowd.get(node) ?? 0) + 1);
  }
  const order = (a: Persisted<Pod>, b: Persisted<Pod>): number =>
    compareForDeletion(a, b, (pod) => crowd.get(pod.spec?.nodeName ?? '') ?? 0, now);
  return { create: 0, remove: [...active].sort(order).slice(0, surplus) };
}

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Negative when `a` is to go before `b`. */
function compareForDeletion(a: Persisted<Pod>, b: Persisted<Pod>, crowd: (pod: Pod) => number, now: Date): number {
  return (
    assigned(a) - assigned(b) ||
    phase(a) - phase(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    crowd(b) - crowd(a) ||
    compareAges(podReadySince(a), podReadySince(b), a, b, now) ||
    restarts(b) - restarts(a) ||
    compareAges(new Date(a.metadata.creationTimestamp), new Date(b.metadata.creationTimestamp), a, b, now)
  );
}

function assigned(pod: Pod): number {
  return (pod.spec?.nodeName ?? '') === '' ? 0 : 1;
}

function phase(pod: Pod): number {
  return phases[pod.status?.phase ?? 'Pending'] ?? 0;
}

/** `controller.kubernetes.io/pod-deletion-cost` (KEP-2255); what is no number counts as 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'];
  return text !== undefined && /^[-+]?\d+$/.test(text) ? Number(text) : 0;
}

/** Times compared by their magnitude only, so that pods of about the same age go in a random order (KEP-2185). */
function compareAges(a: Date | undefined, b: Date | undefined, podA: Pod, podB: Pod, now: Date): number {
  if (!a || !b || a.getTime() === b.getTime()) return 0;
  const difference = magnitude(now, a) - magnitude(now, b);
  if (difference !== 0) return difference;
  return (podA.metadata.uid ?? '') < (podB.metadata.uid ?? '') ? -1 : 1;
}

function magnitude(now: Date, then: Date): number {
  const nanoseconds = (now.getTime() - then.getTime()) * 1e6;
  return nanoseconds > 0 ? Math.floor(Math.log2(nanoseconds)) : -1;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount));
}

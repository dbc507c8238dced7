/** Which nodes are to get a pod, and which pods are to go. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { scaledValue } from '../../../types/int-or-string.ts';
import type { DaemonSet } from '../../../types/kinds/apps/daemon-set.ts';
import type { Node } from '../../../types/kinds/core/node.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isPodReady, isPodTerminal, isPodTerminating, untilAvailable } from '../framework/pod-state.ts';
import { isUpToDate, placementOn, targetNode } from './daemon-pod.ts';

export interface DaemonSetState {
  readonly set: Persisted<DaemonSet>;
  readonly nodes: readonly Persisted<Node>[];
  /** Those that the set controls. */
  readonly pods: readonly Persisted<Pod>[];
  /** Hashes of the revisions that hold the present template: one, save where histories were joined. */
  readonly hashes: ReadonlySet<string>;
  /** Nodes whose daemon failed so often that its replacement has to wait, and how long. */
  readonly heldBack: ReadonlyMap<string, Milliseconds>;
  readonly now: Date;
}

export interface DaemonSetPlan {
  /** Names of nodes. */
  readonly create: readonly string[];
  readonly remove: readonly Persisted<Pod>[];
  /** Those among the removed ones that have ended by themselves. */
  readonly ended: readonly Persisted<Pod>[];
}

/** Node name -> pods there. Pods that have ended and are being deleted are in nobody's way. */
export function podsByNode(pods: readonly Persisted<Pod>[]): ReadonlyMap<string, readonly Persisted<Pod>[]> {
  const byNode = new Map<string, Persisted<Pod>[]>();
  for (const pod of pods) {
    const node = targetNode(pod);
    if (node === undefined || (isPodTerminal(pod) && isPodTerminating(pod))) continue;
    const there = byNode.get(node);
    if (there) there.push(pod);
    else byNode.set(node, [pod]);
  }
  return byNode;
}

/** Bound ones first, then by age: the first is the one that counts. */
export function oldestFirst(pods: readonly Persisted<Pod>[]): readonly Persisted<Pod>[] {
  const waits = (pod: Pod): number => Number((pod.spec?.nodeName ?? '') === '');
  return [...pods].sort((a, b) => {
    if (waits(a) !== waits(b)) return waits(a) - waits(b);
    const [left, right] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
    if (left !== right) return left < right ? -1 : 1;
    return a.metadata.name < b.metadata.name ? -1 : 1;
  });
}

/** Every node that should have a daemon gets one, and every other loses it. */
export function planNodes(state: DaemonSetState): DaemonSetPlan {
  const { set, nodes } = state;
  const byNode = podsByNode(state.pods);
  const create: string[] = [];
  const remove: Persisted<Pod>[] = [];
  for (const node of nodes) {
    const { name } = node.metadata;
    const there = byNode.get(name);
    const { shouldRun, mayStay } = placementOn(node, set);
    if (shouldRun && !there) create.push(name);
    else if (mayStay) remove.push(...surplusOn(state, name, there ?? []));
    else remove.push(...(there ?? []).filter((pod) => !isPodTerminating(pod)));
  }
  const known = new Set(nodes.map(({ metadata }) => metadata.name));
  // No node, no kubelet that could end them; and the scheduler never binds them.
  for (const [node, pods] of byNode) {
    if (known.has(node)) continue;
    remove.push(...pods.filter((pod) => (pod.spec?.nodeName ?? '') === '' && !isPodTerminating(pod)));
  }
  return { create, remove, ended: remove.filter(isPodTerminal) };
}

/** Ended pods, whose successors come when they are gone, and all running ones but the one that is wanted. */
function surplusOn(state: DaemonSetState, node: string, there: readonly Persisted<Pod>[]): readonly Persisted<Pod>[] {
  const live = there.filter((pod) => !isPodTerminating(pod));
  const ended = live.filter(
    ({ status }) => status?.phase === 'Succeeded' || (status?.phase === 'Failed' && !state.heldBack.has(node)),
  );
  const running = oldestFirst(live.filter((pod) => !isPodTerminal(pod)));
  if (running.length <= 1) return ended;
  if (!allowsSurge(state.set)) return [...ended, ...running.slice(1)];
  // With a surge there may be one of the old template and one of the new.
  const current = running.filter((pod) => isUpToDate(state.set, pod, state.hashes));
  const outdated = running.filter((pod) => !current.includes(pod));
  const [next] = current;
  const [previous] = outdated;
  const surplus = [...current.slice(1), ...outdated.slice(1)];
  const succeeded = next && previous && (!isPodReady(previous) || isAvailable(state, next));
  return [...ended, ...surplus, ...(succeeded ? [previous] : [])];
}

/** Replaces pods of old templates, within the limits of the strategy. For when each node has what it should have. */
export function planRollingUpdate(state: DaemonSetState): DaemonSetPlan {
  const places = placesOf(state);
  const desired = places.filter(({ shouldRun }) => shouldRun).length;
  const { maxUnavailable, maxSurge } = rolloutLimits(state.set, desired);
  return maxSurge === 0 ? planReplacing(state, places, maxUnavailable) : planSurging(state, places, maxSurge, desired);
}

interface Place {
  readonly node: string;
  readonly shouldRun: boolean;
  /** The pod of the present template, and that of an older one. */
  readonly current: Persisted<Pod> | undefined;
  readonly outdated: Persisted<Pod> | undefined;
  /** More than one of each: to be tidied up first. */
  readonly crowded: boolean;
}

function placesOf(state: DaemonSetState): readonly Place[] {
  const byNode = podsByNode(state.pods);
  const shouldRun = new Map(state.nodes.map((node) => [node.metadata.name, placementOn(node, state.set).shouldRun]));
  const names = new Set([...byNode.keys(), ...[...shouldRun].flatMap(([name, runs]) => (runs ? [name] : []))]);
  return [...names].map((node) => {
    const live = (byNode.get(node) ?? []).filter((pod) => !isPodTerminating(pod));
    const current = live.filter((pod) => isUpToDate(state.set, pod, state.hashes));
    const outdated = live.filter((pod) => !current.includes(pod));
    return {
      node,
      shouldRun: shouldRun.get(node) ?? false,
      current: current[0],
      outdated: outdated[0],
      crowded: current.length > 1 || outdated.length > 1,
    };
  });
}

/** Pods go first; that their nodes get new ones is the next step. */
function planReplacing(state: DaemonSetState, places: readonly Place[], maxUnavailable: number): DaemonSetPlan {
  let unavailable = 0;
  const broken: Persisted<Pod>[] = [];
  const candidates: Persisted<Pod>[] = [];
  for (const { current, outdated, crowded } of places) {
    if (crowded || (current === undefined) === (outdated === undefined)) unavailable += 1;
    else if (current) unavailable += Number(!isAvailable(state, current));
    else if (outdated && isAvailable(state, outdated)) candidates.push(outdated);
    else if (outdated) {
      broken.push(outdated);
      unavailable += 1;
    }
  }
  const remove = [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))];
  return { create: [], remove, ended: [] };
}

/** New pods come first, beside the old ones, which go when the new ones are available (KEP-1591). */
function planSurging(
  state: DaemonSetState,
  places: readonly Place[],
  maxSurge: number,
  desired: number,
): DaemonSetPlan {
  let surging = 0;
  let available = 0;
  const remove: Persisted<Pod>[] = [];
  const misplaced: Persisted<Pod>[] = [];
  const create: string[] = [];
  const candidates: string[] = [];
  for (const { node, shouldRun, current, outdated, crowded } of places) {
    if (crowded) {
      surging += 1;
      continue;
    }
    const serving = outdated ?? current;
    if (serving && isAvailable(state, serving)) available += 1;
    if (!outdated) continue;
    if (current) {
      if (isAvailable(state, current)) remove.push(outdated);
      else surging += 1;
    } else if (isAvailable(state, outdated)) shouldRun ? candidates.push(node) : misplaced.push(outdated);
    else if (shouldRun) create.push(node);
    else remove.push(outdated);
  }
  // What has lost its right to its node serves on until others are available in its stead.
  remove.push(...misplaced.slice(0, Math.max(0, available - desired)));
  create.push(...candidates.slice(0, Math.max(0, maxSurge - surging)));
  return { create, remove, ended: [] };
}

interface RolloutLimits {
  readonly maxUnavailable: number;
  readonly maxSurge: number;
}

function rolloutLimits({ spec }: DaemonSet, desired: number): RolloutLimits {
  const rolling = spec?.updateStrategy?.rollingUpdate;
  const maxUnavailable = scaledValue(rolling?.maxUnavailable ?? 1, desired, 'up');
  const maxSurge = scaledValue(rolling?.maxSurge ?? 0, desired, 'up');
  return maxUnavailable === 0 && maxSurge === 0 ? { maxUnavailable: 1, maxSurge } : { maxUnavailable, maxSurge };
}

function allowsSurge({ spec }: DaemonSet): boolean {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  return type !== 'OnDelete' && scaledValue(rollingUpdate?.maxSurge ?? 0, 100, 'up') > 0;
}

function isAvailable({ set, now }: DaemonSetState, pod: Pod): boolean {
  return untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now) === 0;
}

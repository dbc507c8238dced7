/** What a node's conditions and taints are to be, given how long its kubelet has been silent. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { deepEqual } from '../../../shared/deep.ts';
import { findCondition } from '../../../types/conditions.ts';
import type { NodeCondition, Taint } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Node } from '../../../types/kinds/core/node.ts';

/** Upstream's --node-monitor-grace-period and --node-startup-grace-period. */
export const silenceLimit: Milliseconds = 50_000;
export const startupLimit: Milliseconds = 60_000;

/** Conditions that a kubelet reports and that become unknown with it. */
const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';

/** Conditions that keep new pods away while they have this status. */
const pressures = [
  { type: 'MemoryPressure', key: 'node.kubernetes.io/memory-pressure' },
  { type: 'DiskPressure', key: 'node.kubernetes.io/disk-pressure' },
  { type: 'PIDPressure', key: 'node.kubernetes.io/pid-pressure' },
  { type: 'NetworkUnavailable', key: 'node.kubernetes.io/network-unavailable' },
] as const;

const managed: ReadonlySet<string> = new Set([
  notReady,
  unreachable,
  'node.kubernetes.io/unschedulable',
  ...pressures.map(({ key }) => key),
]);

/** The conditions of a node whose kubelet has been silent for too long. */
export function unknownConditions(node: Node, now: Date): readonly NodeCondition[] {
  const time = seconds(now);
  const current = node.status?.conditions ?? [];
  const others = current.filter((condition) => !reported.includes(condition.type));
  const unknown = reported.map((type): NodeCondition => {
    const before = findCondition(current, type);
    if (before?.status === 'Unknown') return before;
    return {
      type,
      status: 'Unknown',
      reason: before ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: before ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
      lastHeartbeatTime: before?.lastHeartbeatTime ?? node.metadata.creationTimestamp,
      lastTransitionTime: time,
    };
  });
  return [...others, ...unknown];
}

/** The node's taints with those that follow from its conditions put right; undefined when they are right already. */
export function plannedTaints(node: Node, now: Date): readonly Taint[] | undefined {
  const current = node.spec?.taints ?? [];
  const wanted = conditionTaints(node);
  const kept = current.filter((taint) => !managed.has(taint.key) || wanted.some((other) => sameTaint(taint, other)));
  const added = wanted
    .filter((taint) => !current.some((other) => sameTaint(taint, other)))
    .map((taint): Taint => ({ ...taint, timeAdded: seconds(now) }));
  const next = [...kept, ...added];
  return deepEqual(current, next) ? undefined : next;
}

function conditionTaints(node: Node): readonly Taint[] {
  const conditions = node.status?.conditions;
  const ready = findCondition(conditions, 'Ready')?.status;
  const taints: Taint[] = [];
  const key = ready === 'False' ? notReady : ready === 'True' ? undefined : unreachable;
  if (ready !== undefined && key !== undefined)
    taints.push({ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' });
  for (const pressure of pressures) {
    if (findCondition(conditions, pressure.type)?.status === 'True')
      taints.push({ key: pressure.key, effect: 'NoSchedule' });
  }
  if (node.spec?.unschedulable === true) taints.push({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' });
  return taints;
}

function sameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}

function seconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** Where a pod goes, or in upstream's words why nowhere. Pure. */
import type { Pod } from '../../types/kinds/core/pod.ts';
import type { NodeInfo } from './node-info.ts';
import type { ClusterView, Rejection, SchedulerPlugin } from './plugin.ts';

export type Decision =
  { readonly node: string } | { readonly message: string; readonly rejections: ReadonlyMap<string, Rejection> };

function firstRejection(
  pod: Pod,
  node: NodeInfo,
  cluster: ClusterView,
  plugins: readonly SchedulerPlugin[],
): Rejection | undefined {
  for (const plugin of plugins) {
    const rejection = plugin.filter?.(pod, node, cluster);
    if (rejection) return rejection;
  }
  return undefined;
}

/** `0/1 nodes are available: 1 Insufficient cpu. preemption: ...`, the reasons counted and sorted. */
export function unschedulableMessage(total: number, rejections: ReadonlyMap<string, Rejection>): string {
  if (total === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const { reasons } of rejections.values())
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const text = [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
  const hopeless = [...rejections.values()].filter(({ resolvable }) => !resolvable).length;
  const victims = rejections.size - hopeless;
  const preemption = [
    ...(victims > 0 ? [`${victims} No preemption victims found for incoming pod`] : []),
    ...(hopeless > 0 ? [`${hopeless} Preemption is not helpful for scheduling`] : []),
  ];
  return `0/${total} nodes are available: ${text}. preemption: 0/${total} nodes are available: ${preemption.join(', ')}.`;
}

/** What keeps the pod from every node alike is not counted over them. */
function nowhereMessage(total: number, reason: string): string {
  if (total === 0) return 'no nodes available to schedule pods';
  const preemption = `preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`;
  return `0/${total} nodes are available: ${reason}. ${preemption}`;
}

export function decide(pod: Pod, cluster: ClusterView, plugins: readonly SchedulerPlugin[]): Decision {
  const rejections = new Map<string, Rejection>();
  for (const plugin of plugins) {
    const reason = plugin.preFilter?.(pod, cluster);
    if (reason !== undefined) return { message: nowhereMessage(cluster.nodes.length, reason), rejections };
  }
  let best: { readonly name: string; readonly score: number } | undefined;
  for (const node of cluster.nodes) {
    const rejection = firstRejection(pod, node, cluster, plugins);
    if (rejection) {
      rejections.set(node.name, rejection);
      continue;
    }
    const score = plugins.reduce((sum, plugin) => sum + plugin.weight * (plugin.score?.(pod, node, cluster) ?? 0), 0);
    if (!best || score > best.score) best = { name: node.name, score };
  }
  return best ? { node: best.name } : { message: unschedulableMessage(cluster.nodes.length, rejections), rejections };
}

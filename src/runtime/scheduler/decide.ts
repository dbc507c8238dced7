/** Where a pod goes, or in upstream's words why nowhere. Pure. */
import type { Pod } from '../../types/kinds/core/pod.ts';
import type { NodeInfo } from './node-info.ts';
import { counted, rejected, type ClusterView, type Rejection, type SchedulerPlugin } from './plugin.ts';

export type Decision =
  { readonly node: string } | { readonly message: string; readonly rejections: ReadonlyMap<string, Rejection> };

/** Why the pod cannot go to this node: the first reason there is. */
export function rejectionOf(
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

/** `0/1 nodes are available: 1 Insufficient cpu.`, the reasons counted and sorted. */
function unschedulableMessage(total: number, reasons: readonly string[]): string {
  return total === 0 ? 'no nodes available to schedule pods' : `0/${total} nodes are available: ${counted(reasons)}.`;
}

export function decide(pod: Pod, cluster: ClusterView, plugins: readonly SchedulerPlugin[]): Decision {
  const rejections = new Map<string, Rejection>();
  for (const plugin of plugins) {
    const reason = plugin.preFilter?.(pod, cluster);
    if (reason === undefined) continue;
    // What keeps the pod from every node alike is not counted over them.
    const total = cluster.nodes.length;
    for (const node of cluster.nodes) rejections.set(node.name, rejected(reason));
    return {
      message: total === 0 ? unschedulableMessage(0, []) : `0/${total} nodes are available: ${reason}.`,
      rejections,
    };
  }
  let best: { readonly name: string; readonly score: number } | undefined;
  for (const node of cluster.nodes) {
    const rejection = rejectionOf(pod, node, cluster, plugins);
    if (rejection) {
      rejections.set(node.name, rejection);
      continue;
    }
    const score = plugins.reduce((sum, plugin) => sum + plugin.weight * (plugin.score?.(pod, node, cluster) ?? 0), 0);
    if (!best || score > best.score) best = { name: node.name, score };
  }
  if (best) return { node: best.name };
  const reasons = [...rejections.values()].flatMap((rejection) => rejection.reasons);
  return { message: unschedulableMessage(cluster.nodes.length, reasons), rejections };
}

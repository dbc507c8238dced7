/** The two questions of scheduling: where can a pod run, and where best. */
import type { Pod } from '../../types/kinds/core/pod.ts';
import type { NodeInfo } from './node-info.ts';
import type { StorageView } from './storage-view.ts';

export interface Rejection {
  /** Upstream's words, counted over nodes in the message: `Insufficient cpu`. */
  readonly reasons: readonly string[];
  /** Whether evicting pods of lower priority could change the answer. */
  readonly resolvable: boolean;
}

/** Labels of the namespaces, for affinity terms that select them. */
export interface ClusterView {
  readonly nodes: readonly NodeInfo[];
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
  readonly storage: StorageView;
}

export interface SchedulerPlugin {
  readonly name: string;
  /** Weight of the score among the others; 0 without one. */
  readonly weight: number;
  /** Why the pod can go nowhere, whatever the nodes are like. */
  preFilter?(pod: Pod, cluster: ClusterView): string | undefined;
  filter?(pod: Pod, node: NodeInfo, cluster: ClusterView): Rejection | undefined;
  /** 0 to 100. */
  score?(pod: Pod, node: NodeInfo, cluster: ClusterView): number;
}

/** `2 Insufficient cpu, 1 Too many pods` */
export function counted(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

export function rejected(reason: string, resolvable = false): Rejection {
  return { reasons: [reason], resolvable };
}

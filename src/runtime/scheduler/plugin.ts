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

export function rejected(reason: string, resolvable = false): Rejection {
  return { reasons: [reason], resolvable };
}

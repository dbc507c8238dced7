/** A node with the pods on it and what they have been promised. */
import { hostPortsOf } from '../../types/pod/host-ports.ts';
import type { HostPort } from '../../types/pod/host-ports.ts';
import { amountOf, podRequests } from '../../types/pod/requests.ts';
import type { ResourceAmounts } from '../../types/pod/requests.ts';
import type { Node } from '../../types/kinds/core/node.ts';
import type { Pod } from '../../types/kinds/core/pod.ts';

export interface NodeInfo {
  readonly node: Node;
  readonly name: string;
  readonly pods: readonly Pod[];
  readonly requested: ResourceAmounts;
  readonly allocatable: ResourceAmounts;
  readonly hostPorts: readonly HostPort[];
}

/** `pods`: those bound or about to be bound to the node that still hold resources. */
export function nodeInfo(node: Node, pods: readonly Pod[]): NodeInfo {
  const requested: Record<string, number> = {};
  for (const pod of pods) {
    for (const [name, amount] of Object.entries(podRequests(pod))) requested[name] = (requested[name] ?? 0) + amount;
  }
  const capacity = node.status?.allocatable ?? node.status?.capacity ?? {};
  return {
    node,
    name: node.metadata.name ?? '',
    pods,
    requested,
    allocatable: Object.fromEntries(
      Object.entries(capacity).map(([name, quantity]) => [name, amountOf(name, quantity)]),
    ),
    hostPorts: pods.flatMap(hostPortsOf),
  };
}

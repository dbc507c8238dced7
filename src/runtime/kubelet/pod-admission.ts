/** Whether a node takes a pod that is bound to it (pkg/kubelet/lifecycle, pkg/scheduler's general predicates). Pure. */
import type { Node } from '../../types/kinds/core/node.ts';
import type { Pod } from '../../types/kinds/core/pod.ts';
import { hostPortsCollide, hostPortsOf } from '../../types/pod/host-ports.ts';
import { matchesNodeSelection } from '../../types/pod/node-selection.ts';
import { amountOf, podRequests } from '../../types/pod/requests.ts';
import { forbiddenSysctl } from './sysctls.ts';

export interface PodRejection {
  readonly reason: string;
  readonly message: string;
}

export interface NodeState {
  /** Undefined while the node is not registered. */
  readonly node: Node | undefined;
  readonly allocatable: Readonly<Record<string, string>>;
  /** Pods that were taken before and have not ended. */
  readonly pods: readonly Pod[];
}

/** Undefined when it does. */
export function admitPod(pod: Pod, state: NodeState): PodRejection | undefined {
  const os = pod.spec?.os?.name;
  if (os !== undefined && os !== 'linux') {
    return rejection('PodOSNotSupported', "Failed to admit pod as the OS field doesn't match node OS");
  }
  const sysctl = forbiddenSysctl(pod);
  if (sysctl !== undefined) return rejection('SysctlForbidden', sysctl);
  const lacking = lackingResource(pod, state);
  if (lacking) return lacking;
  if (state.node && !matchesNodeSelection(pod, state.node)) {
    return unfit('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  }
  const taken = state.pods.flatMap(hostPortsOf);
  if (hostPortsOf(pod).some((wanted) => taken.some((used) => hostPortsCollide(wanted, used)))) {
    return unfit('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  }
  return undefined;
}

function lackingResource(pod: Pod, { allocatable, pods }: NodeState): PodRejection | undefined {
  const capacityOf = (name: string): number => amountOf(name, allocatable[name] ?? '0');
  if (pods.length + 1 > capacityOf('pods')) return outOf('pods', 1, pods.length, capacityOf('pods'));
  const others = pods.map(podRequests);
  for (const [name, requested] of Object.entries(podRequests(pod))) {
    const used = others.reduce((sum, requests) => sum + (requests[name] ?? 0), 0);
    // Of an extended resource that nobody here speaks for it is not known how much there is.
    if (name.includes('/') && allocatable[name] === undefined) continue;
    if (requested > 0 && requested > capacityOf(name) - used) return outOf(name, requested, used, capacityOf(name));
  }
  return undefined;
}

function outOf(resource: string, requested: number, used: number, capacity: number): PodRejection {
  const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return rejection(`OutOf${resource}`, `Node didn't have enough resource: ${resource}, ${numbers}`);
}

function unfit(predicate: string, why: string): PodRejection {
  return rejection(predicate, `Predicate ${predicate} failed: ${why}`);
}

function rejection(reason: string, message: string): PodRejection {
  return { reason, message: `Pod was rejected: ${message}` };
}

/** Requests and limits of pods as numbers. Pure. */
import { qosClass } from '../../types/pod/qos.ts';
import { parseQuantity, type Quantity } from '../../types/quantity.ts';
import type { Container, Pod } from '../../types/kinds/generated/core-v1.gen.ts';

/** In base units, fractions included: cores, bytes. */
export function amountOf(quantity: Quantity): number {
  return Number(parseQuantity(quantity).nanos) / 1e9;
}

export type ResourceSide = 'requests' | 'limits';

/** Undefined when the container does not state it. A limit without a request counts as the request as well. */
export function resourceOf(container: Container, side: ResourceSide, resource: string): number | undefined {
  const { requests, limits } = container.resources ?? {};
  const stated = side === 'limits' ? limits?.[resource] : (requests?.[resource] ?? limits?.[resource]);
  return stated === undefined ? undefined : amountOf(stated);
}

export type QosClass = ReturnType<typeof qosClass>;

/** The class that the API server has given the pod; a pod without a status yet is classed by the same rules. */
export function qosClassOf(pod: Pod): QosClass {
  return pod.status?.qosClass ?? qosClass(pod.spec ?? { containers: [] });
}

/**
 * The pod's own score for the kernel's out-of-memory killer. The negative score of guaranteed pods needs CAP_SYS_RESOURCE,
 * without which runc fails to start the container at all.
 */
export function oomScoreOf(
  pod: Pod,
  container: Container,
  machine: { readonly memoryBytes: number; readonly canLowerOomScore: boolean },
): number {
  const qos = qosClassOf(pod);
  if (qos === 'Guaranteed') return machine.canLowerOomScore ? -997 : 0;
  if (qos === 'BestEffort') return 1000;
  const request = resourceOf(container, 'requests', 'memory') ?? 0;
  const score = 1000 - Math.floor((1000 * request) / machine.memoryBytes);
  return Math.min(999, Math.max(3, score));
}

/** Quality-of-service class of a pod, from its containers' cpu and memory (component-helpers, ComputePodQOS). */
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { compareQuantities, quantitySign, type Quantity } from '../quantity.ts';

const counted = ['cpu', 'memory'] as const;

function positive(amount: Quantity | undefined): amount is Quantity {
  return amount !== undefined && quantitySign(amount) > 0;
}

export function qosClass(spec: core.PodSpec): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  let any = false;
  let guaranteed = true;
  const podLevel =
    spec.resources && Object.keys(spec.resources).length > 0 ? [{ resources: spec.resources }] : undefined;
  const holders = podLevel ?? [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  for (const { resources } of holders) {
    for (const name of counted) {
      const request = resources?.requests?.[name];
      const limit = resources?.limits?.[name];
      if (positive(request) || positive(limit)) any = true;
      if (!positive(limit) || (request !== undefined && compareQuantities(request, limit) !== 0)) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

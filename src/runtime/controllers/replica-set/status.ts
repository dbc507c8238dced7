/** What a ReplicaSet's status says of its pods. Pure. */
import { findCondition, removeCondition } from '../../../types/conditions.ts';
import type { ReplicaSetCondition, ReplicaSetStatus } from '../../../types/kinds/generated/apps-v1.gen.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import { isPodReady, isPodActive, isPodTerminal, isPodTerminating, untilAvailable } from '../framework/pod-state.ts';

export interface ReplicaFacts {
  readonly generation: number | undefined;
  readonly replicas: number;
  readonly minReadySeconds: number;
  readonly templateLabels: Readonly<Record<string, string>>;
  readonly conditions: readonly ReplicaSetCondition[] | undefined;
}

/** @param failure message of what kept the pods from being created or deleted */
export function replicaStatus(
  facts: ReplicaFacts,
  pods: readonly Pod[],
  failure: string | undefined,
  now: Date,
): ReplicaSetStatus {
  const active = pods.filter(isPodActive);
  const labels = Object.entries(facts.templateLabels);
  const conditions = failureConditions(facts, active.length, failure, now);
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value))
      .length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => untilAvailable(pod, facts.minReadySeconds, now) === 0).length,
    terminatingReplicas: pods.filter((pod) => isPodTerminating(pod) && !isPodTerminal(pod)).length,
    observedGeneration: facts.generation,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function failureConditions(
  facts: ReplicaFacts,
  active: number,
  failure: string | undefined,
  now: Date,
): readonly ReplicaSetCondition[] {
  const current = findCondition(facts.conditions, 'ReplicaFailure');
  if (failure === undefined) return removeCondition(facts.conditions, 'ReplicaFailure');
  if (current) return facts.conditions ?? [];
  return [
    ...(facts.conditions ?? []),
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: active < facts.replicas ? 'FailedCreate' : 'FailedDelete',
      message: failure,
      lastTransitionTime: `${now.toISOString().slice(0, 19)}Z`,
    },
  ];
}

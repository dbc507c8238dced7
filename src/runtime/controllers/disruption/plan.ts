/** How many pods a budget wants healthy, how many are, and so how many may go. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { findCondition } from '../../../types/conditions.ts';
import { scaledValue } from '../../../types/int-or-string.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Condition, OwnerReference } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type {
  PodDisruptionBudgetSpec,
  PodDisruptionBudgetStatus,
} from '../../../types/kinds/generated/policy-v1.gen.ts';
import type { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import { controllerOf } from '../framework/ownership.ts';
import { isPodReady } from '../framework/pod-state.ts';

/** A pod whose eviction was granted has so long to be deleted before it counts again. */
export const deletionTimeout: Milliseconds = 2 * 60_000;

export const disruptionAllowed = 'DisruptionAllowed';

export interface Controllers {
  /** Each controller once, with a pod of it. */
  readonly controllers: readonly { readonly owner: OwnerReference; readonly pod: string }[];
  /** Names of pods that nobody controls. */
  readonly unmanaged: readonly string[];
}

export function controllersOfPods(pods: readonly Pod[]): Controllers {
  const controllers = new Map<string, { owner: OwnerReference; pod: string }>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const name = pod.metadata.name ?? '';
    if (!owner) unmanaged.push(name);
    else if (!controllers.has(owner.uid)) controllers.set(owner.uid, { owner, pod: name });
  }
  return { controllers: [...controllers.values()], unmanaged };
}

/** Whether a budget is a share of what the controllers want, or a plain number of the pods that are there. */
export function needsScale(spec: PodDisruptionBudgetSpec | undefined): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';
}

export interface Demand {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** @param expected the scale of the controllers where `needsScale`, else the number of pods */
export function demandOf(spec: PodDisruptionBudgetSpec | undefined, expected: number): Demand {
  const { maxUnavailable, minAvailable } = spec ?? {};
  if (maxUnavailable !== undefined) {
    const desiredHealthy = Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up'));
    return { expectedPods: expected, desiredHealthy };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  return { expectedPods: expected, desiredHealthy: scaledValue(minAvailable, expected, 'up') };
}

export interface Disrupted {
  /** Pods whose eviction was granted and that are still there, with the time of the grant. */
  readonly waiting: Readonly<Record<string, string>>;
  /** Pods that should have been deleted by now. */
  readonly overdue: readonly Pod[];
  readonly recheckAfter: Milliseconds | undefined;
}

export function disruptedPods(budget: PodDisruptionBudget, pods: readonly Pod[], now: Date): Disrupted {
  const granted = budget.status?.disruptedPods ?? {};
  const waiting: Record<string, string> = {};
  const overdue: Pod[] = [];
  let recheckAfter: Milliseconds | undefined;
  for (const pod of pods) {
    const name = pod.metadata.name ?? '';
    const time = granted[name];
    if (time === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const left = Date.parse(time) + deletionTimeout - now.getTime();
    if (left < 0) overdue.push(pod);
    else {
      waiting[name] = time;
      recheckAfter = Math.min(recheckAfter ?? left + 1, left + 1);
    }
  }
  return { waiting, overdue, recheckAfter };
}

export function countHealthy(pods: readonly Pod[], waiting: Disrupted['waiting']): number {
  return pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && !((pod.metadata.name ?? '') in waiting) && isPodReady(pod),
  ).length;
}

export function budgetStatus(
  budget: PodDisruptionBudget,
  demand: Demand,
  facts: { readonly currentHealthy: number; readonly waiting: Disrupted['waiting']; readonly now: Date },
): PodDisruptionBudgetStatus {
  const spare = facts.currentHealthy - demand.desiredHealthy;
  const disruptionsAllowed = demand.expectedPods <= 0 ? 0 : Math.max(0, spare);
  const { generation } = budget.metadata;
  const condition = {
    type: disruptionAllowed,
    status: disruptionsAllowed > 0 ? 'True' : 'False',
    reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  return {
    ...demand,
    currentHealthy: facts.currentHealthy,
    disruptionsAllowed,
    ...(Object.keys(facts.waiting).length === 0 ? {} : { disruptedPods: facts.waiting }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: withCondition(budget, condition, facts.now),
  };
}

/** The budget cannot be calculated: nothing is allowed until it can. */
export function failedStatus(budget: PodDisruptionBudget, message: string, now: Date): PodDisruptionBudgetStatus {
  const { generation } = budget.metadata;
  const condition = {
    type: disruptionAllowed,
    status: 'False',
    reason: 'SyncFailed',
    message,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  return {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...budget.status,
    disruptionsAllowed: 0,
    conditions: withCondition(budget, condition, now),
  };
}

function withCondition(
  budget: PodDisruptionBudget,
  next: Omit<Condition, 'lastTransitionTime'>,
  now: Date,
): readonly Condition[] {
  const conditions = budget.status?.conditions ?? [];
  const current = findCondition(conditions, next.type);
  const lastTransitionTime =
    current?.status === next.status ? current.lastTransitionTime : `${now.toISOString().slice(0, 19)}Z`;
  const others = conditions.filter(({ type }) => type !== next.type);
  return [...others, { ...next, lastTransitionTime }];
}

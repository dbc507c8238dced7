/** How many replicas an autoscaler wants now, and what it says of that. Pure. */
import { completeBehavior } from '../../../types/autoscaling-behavior.ts';
import type { HorizontalPodAutoscalerSpec, MetricStatus } from '../../../types/kinds/generated/autoscaling-v2.gen.ts';
import { quantityToNumber } from '../../../types/quantity.ts';
import { limited, stabilized, type ScalingHistory } from './behavior.ts';
import { proposalOf, type MetricFacts, type MetricFailure, type MetricProposal } from './metrics.ts';
import type { Tolerances } from './replica-calculator.ts';

/** As --horizontal-pod-autoscaler-tolerance. */
const usualTolerance = 0.1;

export interface Condition {
  readonly type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface Warning {
  readonly reason: string;
  readonly message: string;
}

export interface ScalingPlan {
  /** Undefined: no number could be computed, and everything stays as it is. */
  readonly replicas: number | undefined;
  /** Why the number changes. */
  readonly cause: string;
  /** As the metrics ask for, before any limit; undefined when they were not asked. */
  readonly recommendation: number | undefined;
  readonly metrics: readonly MetricStatus[];
  readonly conditions: readonly Condition[];
  readonly warnings: readonly Warning[];
}

export interface PlanInput {
  readonly spec: HorizontalPodAutoscalerSpec;
  readonly facts: Omit<MetricFacts, 'tolerances'>;
  readonly history: ScalingHistory;
}

export function tolerancesOf({ behavior }: HorizontalPodAutoscalerSpec): Tolerances {
  const of = (rules: { readonly tolerance?: string | number | undefined } | undefined): number =>
    rules?.tolerance === undefined ? usualTolerance : quantityToNumber(rules.tolerance);
  return { scaleDown: of(behavior?.scaleDown), scaleUp: of(behavior?.scaleUp) };
}

/** Whether the metrics are asked at all, or the bounds alone decide. */
export function boundsOnly(spec: HorizontalPodAutoscalerSpec, current: number): ScalingPlan | undefined {
  const { minReplicas = 1, maxReplicas } = spec;
  const plan = (replicas: number, cause: string, conditions: readonly Condition[] = []): ScalingPlan => ({
    ...{ replicas, cause, conditions },
    ...{ recommendation: undefined, metrics: [], warnings: [] },
  });
  if (current === 0 && minReplicas !== 0)
    return plan(0, '', [
      {
        type: 'ScalingActive',
        status: 'False',
        reason: 'ScalingDisabled',
        message: 'scaling is disabled since the replica count of the target is zero',
      },
    ]);
  if (current > maxReplicas) return plan(maxReplicas, 'Current number of replicas above Spec.MaxReplicas');
  if (current < minReplicas) return plan(minReplicas, 'Current number of replicas below Spec.MinReplicas');
  return undefined;
}

export function planScaling({ spec, facts, history }: PlanInput): ScalingPlan {
  const { currentReplicas } = facts;
  const specs = spec.metrics ?? [];
  const answers = specs.map((metric) => proposalOf(metric, { ...facts, tolerances: tolerancesOf(spec) }));
  const proposals = answers.filter((answer): answer is MetricProposal => 'replicas' in answer);
  const failures = answers.filter((answer): answer is MetricFailure => !('replicas' in answer));
  const warnings = failures.map(({ reason, message }) => ({ reason, message }));
  const metrics = proposals.map(({ status }) => status);
  const most = proposals.reduce<MetricProposal | undefined>(
    (best, one) => (best && best.replicas >= one.replicas ? best : one),
    undefined,
  );
  const [failure] = failures;
  if (failure && (!most || most.replicas < currentReplicas)) {
    const message = `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${failure.message}`;
    return {
      ...{ replicas: undefined, cause: '', recommendation: undefined, metrics },
      conditions: [inactive(failure)],
      warnings: [...warnings, { reason: 'FailedComputeMetricsReplicas', message }],
    };
  }
  return { ...withinLimits(spec, most, facts, history), metrics, warnings };
}

function inactive({ reason, message }: MetricFailure): Condition {
  const text = `the HPA was unable to compute the replica count: ${message}`;
  return { type: 'ScalingActive', status: 'False', reason, message: text };
}

function withinLimits(
  spec: HorizontalPodAutoscalerSpec,
  most: MetricProposal | undefined,
  { currentReplicas, now }: Pick<MetricFacts, 'currentReplicas' | 'now'>,
  history: ScalingHistory,
): Pick<ScalingPlan, 'replicas' | 'cause' | 'recommendation' | 'conditions'> {
  const { minReplicas = 1, maxReplicas } = spec;
  const behavior = completeBehavior(spec.behavior);
  const desired = most?.replicas ?? 0;
  const name = most?.name ?? '';
  const cause = desired > currentReplicas ? `${name} above target` : 'All metrics below target';
  const steady = stabilized(behavior, desired, currentReplicas, history, now);
  const allowed = limited(behavior, steady.replicas, { minReplicas, maxReplicas, currentReplicas }, history, now);
  const isSteady = steady.replicas === desired;
  return {
    replicas: allowed.replicas,
    cause,
    recommendation: desired,
    conditions: [
      {
        type: 'AbleToScale',
        status: 'True',
        reason: isSteady ? 'ReadyForNewScale' : steady.reason,
        message: isSteady ? 'recommended size matches current size' : steady.message,
      },
      {
        type: 'ScalingActive',
        status: 'True',
        reason: 'ValidMetricFound',
        message: `the HPA was able to successfully calculate a replica count from ${name}`,
      },
      {
        type: 'ScalingLimited',
        status: allowed.replicas === steady.replicas ? 'False' : 'True',
        reason: allowed.reason,
        message: allowed.message,
      },
    ],
  };
}

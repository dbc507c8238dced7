/** How fast the number of replicas may change. Pure (KEP-853). */
import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../../../types/kinds/generated/autoscaling-v2.gen.ts';

/** What the past of an autoscaler says; in seconds since any epoch. */
export interface ScalingHistory {
  /** Numbers as the metrics asked for them, before any limit. */
  readonly recommendations: readonly Recommendation[];
  readonly ups: readonly ScaleChange[];
  readonly downs: readonly ScaleChange[];
}

export interface Recommendation {
  readonly at: Date;
  readonly replicas: number;
}

/** `replicas` more, or fewer. */
export interface ScaleChange {
  readonly at: Date;
  readonly replicas: number;
}

export interface Bounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
}

export interface Limited {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

/** Without a behavior nothing is scaled down for so long after a higher recommendation. */
const downscaleSeconds = 300;

const seconds = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000;

const stabilizedDown = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const stabilizedUp = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};

/** The desired number as the recommendations of the windows allow it. */
export function stabilized(
  behavior: HorizontalPodAutoscalerBehavior | undefined,
  desired: number,
  current: number,
  history: ScalingHistory,
  now: Date,
): Limited {
  const within = (window: number): readonly number[] =>
    history.recommendations.filter(({ at }) => seconds(at, now) < window).map(({ replicas }) => replicas);
  if (!behavior) return { replicas: Math.max(desired, ...within(downscaleSeconds)), ...stabilizedDown };
  const lowest = Math.min(desired, ...within(behavior.scaleUp?.stabilizationWindowSeconds ?? 0));
  const highest = Math.max(desired, ...within(behavior.scaleDown?.stabilizationWindowSeconds ?? downscaleSeconds));
  const replicas = Math.min(Math.max(current, lowest), highest);
  return { replicas, ...(desired >= current ? stabilizedUp : stabilizedDown) };
}

/** The number as bounds and policies allow it. */
export function limited(
  behavior: HorizontalPodAutoscalerBehavior | undefined,
  desired: number,
  bounds: Bounds,
  history: ScalingHistory,
  now: Date,
): Limited {
  const { minReplicas, maxReplicas, currentReplicas } = bounds;
  const fastest = behavior
    ? Math.max(currentReplicas, upLimit(behavior.scaleUp, currentReplicas, history, now))
    : Math.max(2 * currentReplicas, 4);
  const slowest = behavior
    ? Math.min(currentReplicas, downLimit(behavior.scaleDown, currentReplicas, history, now))
    : 0;
  const most = Math.min(maxReplicas, fastest);
  const least = Math.max(minReplicas, slowest);
  const mayRise = !behavior || desired > currentReplicas;
  const mayFall = !behavior || desired < currentReplicas;
  if (mayFall && desired < least)
    return least > minReplicas
      ? {
          replicas: least,
          reason: 'ScaleDownLimit',
          message: 'the desired replica count is decreasing faster than the maximum scale rate',
        }
      : {
          replicas: least,
          reason: 'TooFewReplicas',
          message: 'the desired replica count is less than the minimum replica count',
        };
  if (mayRise && desired > most)
    return most < maxReplicas
      ? {
          replicas: most,
          reason: 'ScaleUpLimit',
          message: 'the desired replica count is increasing faster than the maximum scale rate',
        }
      : {
          replicas: most,
          reason: 'TooManyReplicas',
          message: 'the desired replica count is more than the maximum replica count',
        };
  return {
    replicas: desired,
    reason: 'DesiredWithinRange',
    message: 'the desired count is within the acceptable range',
  };
}

function upLimit(rules: HPAScalingRules | undefined, current: number, history: ScalingHistory, now: Date): number {
  const { selectPolicy, policies = [] } = rules ?? {};
  if (selectPolicy === 'Disabled') return current;
  const proposals = policies.map((policy) => {
    const start = atPeriodStart(policy, current, history, now);
    return policy.type === 'Pods' ? start + policy.value : Math.ceil(start * (1 + policy.value / 100));
  });
  return selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(...proposals);
}

function downLimit(rules: HPAScalingRules | undefined, current: number, history: ScalingHistory, now: Date): number {
  const { selectPolicy, policies = [] } = rules ?? {};
  if (selectPolicy === 'Disabled') return current;
  const proposals = policies.map((policy) => {
    const start = atPeriodStart(policy, current, history, now);
    return policy.type === 'Pods' ? start - policy.value : Math.trunc(start * (1 - policy.value / 100));
  });
  // The smallest change leaves the most.
  return selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals);
}

function atPeriodStart(
  { periodSeconds }: HPAScalingPolicy,
  current: number,
  history: ScalingHistory,
  now: Date,
): number {
  const changed = (changes: readonly ScaleChange[]): number =>
    changes.filter(({ at }) => seconds(at, now) < periodSeconds).reduce((sum, { replicas }) => sum + replicas, 0);
  return current - changed(history.ups) + changed(history.downs);
}

/** The history without what no window reaches back to. */
export function trimmed(
  history: ScalingHistory,
  behavior: HorizontalPodAutoscalerBehavior | undefined,
  now: Date,
): ScalingHistory {
  const rules = [behavior?.scaleUp, behavior?.scaleDown];
  const window = Math.max(downscaleSeconds, ...rules.map((rule) => rule?.stabilizationWindowSeconds ?? 0));
  const period = Math.max(0, ...rules.flatMap((rule) => (rule?.policies ?? []).map((policy) => policy.periodSeconds)));
  const young = (limit: number) => (entry: { readonly at: Date }) => seconds(entry.at, now) < limit;
  return {
    recommendations: history.recommendations.filter(young(window)),
    ups: history.ups.filter(young(period)),
    downs: history.downs.filter(young(period)),
  };
}

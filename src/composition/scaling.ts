/** How many pods of a workload there are, and how many may be missing. */
import { builderOf } from '../types/builder.ts';
import type { OneOf } from '../types/builder/input-types.ts';
import type { PercentLiteral } from '../types/builder/literal-types.ts';
import type * as autoscaling_v2 from '../types/kinds/generated/autoscaling-v2.gen.ts';
import type * as policy_v1 from '../types/kinds/generated/policy-v1.gen.ts';
import { requireOptions } from './options.ts';
import { titleOf } from './rebuilt.ts';
import { besideOf, nameOf, podLabels } from './workload.ts';
import type { Workload } from './workload.ts';

const autoscaler = builderOf<autoscaling_v2.HorizontalPodAutoscaler, autoscaling_v2.HorizontalPodAutoscalerInput>(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
);
const budget = builderOf<policy_v1.PodDisruptionBudget>('policy/v1', 'PodDisruptionBudget');

export interface AutoscaleOptions {
  /** Without it, the name of the workload. */
  readonly name?: string | undefined;
  /** Kubernetes takes 1 without it. */
  readonly min?: number | undefined;
  readonly max: number;
  /** Percent of the requested CPU that the pods shall use on average. */
  readonly cpu?: number | undefined;
  /** Percent of the requested memory that the pods shall use on average. */
  readonly memory?: number | undefined;
  readonly metrics?: readonly autoscaling_v2.MetricSpecInput[] | undefined;
  readonly behavior?: autoscaling_v2.HorizontalPodAutoscalerSpecInput['behavior'];
}

const autoscaleOptions = {
  name: true,
  min: true,
  max: true,
  cpu: true,
  memory: true,
  metrics: true,
  behavior: true,
} as const;

function resource(name: string, averageUtilization: number | undefined): readonly autoscaling_v2.MetricSpecInput[] {
  if (averageUtilization === undefined) return [];
  return [{ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } }];
}

/**
 * A HorizontalPodAutoscaler for a workload. Leave `replicas` out of the workload, or every apply resets the number.
 *
 * @throws Error when a percentage is given of a resource that a container does not request
 */
export function autoscale(
  workload: Exclude<Workload, { readonly kind: 'Pod' | 'DaemonSet' }>,
  options: AutoscaleOptions,
): autoscaling_v2.HorizontalPodAutoscaler {
  requireOptions('autoscale', options, autoscaleOptions);
  const { name, min, max, cpu, memory, metrics = [], behavior } = options;
  for (const [what, percent] of Object.entries({ cpu, memory }))
    if (percent !== undefined) requireRequests(workload, what);
  const all = [...resource('cpu', cpu), ...resource('memory', memory), ...metrics];
  return autoscaler({
    metadata: besideOf(workload, name),
    spec: {
      scaleTargetRef: { apiVersion: workload.apiVersion, kind: workload.kind, name: nameOf(workload) },
      ...(min === undefined ? {} : { minReplicas: min }),
      maxReplicas: max,
      ...(all.length === 0 ? {} : { metrics: all }),
      ...(behavior === undefined ? {} : { behavior }),
    },
  });
}

/** A share of nothing cannot be measured: upstream would never scale. */
function requireRequests(workload: Exclude<Workload, { readonly kind: 'Pod' | 'DaemonSet' }>, what: string): void {
  for (const { name, resources } of workload.spec?.template?.spec?.containers ?? []) {
    if (resources?.requests?.[what] === undefined && resources?.limits?.[what] === undefined)
      throw new Error(
        `${titleOf(workload)} is to be scaled by a percentage of the requested ${what}, but container ${name} requests none`,
      );
  }
}

export type DisruptionBudgetOptions<Share extends string = string> = {
  /** Without it, the name of the workload. */
  readonly name?: string | undefined;
  readonly minAvailable?: number | PercentLiteral<Share> | undefined;
  readonly maxUnavailable?: number | PercentLiteral<Share> | undefined;
  readonly unhealthyPodEvictionPolicy?: policy_v1.PodDisruptionBudgetSpec['unhealthyPodEvictionPolicy'];
} & OneOf<'minAvailable' | 'maxUnavailable', 'a disruption budget has either minAvailable or maxUnavailable'>;

const disruptionBudgetOptions = {
  name: true,
  minAvailable: true,
  maxUnavailable: true,
  unhealthyPodEvictionPolicy: true,
} as const;

/** A PodDisruptionBudget for the pods of a workload. */
export function disruptionBudget<Share extends string = string>(
  workload: Workload,
  options: DisruptionBudgetOptions<Share>,
): policy_v1.PodDisruptionBudget;
export function disruptionBudget(workload: Workload, options: DisruptionBudgetOptions): policy_v1.PodDisruptionBudget {
  requireOptions('disruptionBudget', options, disruptionBudgetOptions);
  const { name, minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = options;
  return budget({
    metadata: besideOf(workload, name),
    spec: {
      ...(minAvailable === undefined ? {} : { minAvailable }),
      ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
      selector: { matchLabels: podLabels(workload) },
      ...(unhealthyPodEvictionPolicy === undefined ? {} : { unhealthyPodEvictionPolicy }),
    },
  });
}

/** What each metric of an autoscaler asks for. Pure, but for where figures come from. */
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type {
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../../types/kinds/generated/autoscaling-v2.gen.ts';
import type { PodMetrics } from '../../../types/metrics-kinds.ts';
import { parseDuration } from '../../../types/duration.ts';
import { canonicalQuantity, milliValue } from '../../../types/quantity.ts';
import {
  averageProposal,
  NotComputable,
  utilizationProposal,
  type PodMetric,
  type PodMetricsByName,
  type Proposal,
  type Tolerances,
} from './replica-calculator.ts';

export interface MetricFacts {
  readonly namespace: string;
  readonly pods: readonly Pod[];
  /** Undefined where the cluster measures nothing. */
  readonly usage: readonly PodMetrics[] | undefined;
  readonly currentReplicas: number;
  readonly tolerances: Tolerances;
  readonly now: Date;
}

export interface MetricProposal {
  readonly replicas: number;
  /** As messages call the metric. */
  readonly name: string;
  readonly status: MetricStatus;
}

/** The first failure of a metric: an event, and the condition ScalingActive. */
export interface MetricFailure {
  readonly reason: string;
  readonly message: string;
}

type Answer = MetricProposal | MetricFailure;

interface MetricSource {
  readonly reason: string;
  /** @throws NotComputable */
  propose(metric: MetricSpec, facts: MetricFacts): MetricProposal;
}

const noCustomMetrics =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

/** The table of sources. Only resources are measured here; for the others there is no API that would know them. */
const sources: Readonly<Record<string, MetricSource>> = {
  Resource: {
    reason: 'FailedGetResourceMetric',
    propose({ resource }, facts) {
      if (!resource) throw new NotComputable('the metric names no resource');
      const { name, target } = resource;
      const { proposal, current } = resourceProposal(name, undefined, target, facts);
      const shown =
        target.averageValue === undefined ? `${name} resource utilization (percentage of request)` : `${name} resource`;
      return { replicas: proposal.replicas, name: shown, status: { type: 'Resource', resource: { name, current } } };
    },
  },
  ContainerResource: {
    reason: 'FailedGetContainerResourceMetric',
    propose({ containerResource }, facts) {
      if (!containerResource) throw new NotComputable('the metric names no container');
      const { name, container, target } = containerResource;
      const { proposal, current } = resourceProposal(name, container, target, facts);
      const shown =
        target.averageValue === undefined
          ? `${name} container resource utilization (percentage of request)`
          : `${name} container resource`;
      const status = { type: 'ContainerResource', containerResource: { name, container, current } };
      return { replicas: proposal.replicas, name: shown, status };
    },
  },
  Object: {
    reason: 'FailedGetObjectMetric',
    propose({ object }, { namespace }) {
      const { kind = '', name = '' } = object?.describedObject ?? {};
      const place = `${kind} ${namespace}/${name}`;
      throw new NotComputable(
        `failed to get object metric value: unable to get metric ${object?.metric.name ?? ''}: ${place}: ${noCustomMetrics}`,
      );
    },
  },
  Pods: {
    reason: 'FailedGetPodsMetric',
    propose({ pods }) {
      throw new NotComputable(
        `failed to get pods metric value: unable to get metric ${pods?.metric.name ?? ''}: ${noCustomMetrics}`,
      );
    },
  },
  External: {
    reason: 'FailedGetExternalMetric',
    propose({ external }, { namespace }) {
      const name = external?.metric.name ?? '';
      throw new NotComputable(
        `failed to get ${name} external metric value: unable to get external metric ${namespace}/${name}: ` +
          'unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered',
      );
    },
  },
};

export function proposalOf(metric: MetricSpec, facts: MetricFacts): Answer {
  const source = sources[metric.type];
  if (!source)
    return { reason: 'InvalidMetricSourceType', message: `unknown metric source type ${JSON.stringify(metric.type)}` };
  try {
    return source.propose(metric, facts);
  } catch (error) {
    if (error instanceof NotComputable) return { reason: source.reason, message: error.message };
    throw error;
  }
}

/** @throws NotComputable */
function resourceProposal(
  resource: string,
  container: string | undefined,
  target: MetricTarget,
  facts: MetricFacts,
): { readonly proposal: Proposal; readonly current: MetricValueStatus } {
  const { averageValue, averageUtilization } = target;
  if (averageValue === undefined && averageUtilization === undefined)
    throw new NotComputable(
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    );
  try {
    const question = { ...facts, resource, container, metrics: figures(facts, resource, container) };
    const proposal =
      averageValue !== undefined
        ? averageProposal(question, milliValue(averageValue))
        : utilizationProposal(question, averageUtilization ?? 0);
    const current = {
      averageValue: canonicalQuantity(`${proposal.average}m`),
      ...(proposal.utilization === undefined ? {} : { averageUtilization: proposal.utilization }),
    };
    return { proposal, current };
  } catch (error) {
    if (!(error instanceof NotComputable)) throw error;
    const what = averageValue === undefined ? 'utilization' : 'usage';
    throw new NotComputable(`failed to get ${resource} ${what}: ${error.message}`);
  }
}

/** @throws NotComputable */
function figures(
  { namespace, usage, pods }: MetricFacts,
  resource: string,
  container: string | undefined,
): PodMetricsByName {
  const fail = (why: string): never => {
    throw new NotComputable(`unable to get metrics for resource ${resource}: ${why}`);
  };
  if (!usage)
    return fail(
      'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)',
    );
  const names = new Set(pods.map(({ metadata }) => metadata.name));
  const selected = usage.filter(({ metadata }) => names.has(metadata.name));
  if (selected.length === 0) return fail('no metrics returned from resource metrics API');
  const found = new Map<string, PodMetric>();
  for (const pod of selected) {
    const { name = '' } = pod.metadata;
    const wanted = pod.containers.filter((one) => container === undefined || one.name === container);
    if (wanted.length === 0)
      return fail(
        `failed to get container metrics: container ${container ?? ''} not present in metrics for pod ${namespace}/${name}`,
      );
    const values = wanted.map((one) => one.usage[resource]);
    if (values.some((value) => value === undefined)) continue;
    found.set(name, {
      value: values.reduce((sum: number, value) => sum + milliValue(value ?? '0'), 0),
      timestamp: new Date(pod.timestamp),
      window: parseDuration(pod.window) ?? 0,
    });
  }
  return found;
}

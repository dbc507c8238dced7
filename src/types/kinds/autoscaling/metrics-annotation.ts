/** The form that metrics have in an annotation of autoscaling/v1: the fields of a target stand beside the metric's name. */
import { isRecord } from '../../../shared/deep.ts';
import type { LabelSelector } from '../generated/meta-v1.gen.ts';
import type { CrossVersionObjectReference, MetricSpec, MetricTarget } from '../generated/autoscaling-v2.gen.ts';
import type { Quantity } from '../../quantity.ts';

interface OldSource {
  readonly name?: string | undefined;
  readonly container?: string | undefined;
  readonly metricName?: string | undefined;
  readonly selector?: LabelSelector | undefined;
  readonly metricSelector?: LabelSelector | undefined;
  readonly target?: CrossVersionObjectReference | undefined;
  readonly targetValue?: Quantity | undefined;
  readonly averageValue?: Quantity | undefined;
  readonly targetAverageValue?: Quantity | undefined;
  readonly targetAverageUtilization?: number | undefined;
}

interface OldMetric {
  readonly type: string;
  readonly object?: OldSource | undefined;
  readonly pods?: OldSource | undefined;
  readonly resource?: OldSource | undefined;
  readonly containerResource?: OldSource | undefined;
  readonly external?: OldSource | undefined;
}

const sourceNames = ['object', 'pods', 'resource', 'containerResource', 'external'] as const;

function isOldMetric(value: unknown): value is OldMetric {
  return isRecord(value) && sourceNames.every((name) => value[name] === undefined || isRecord(value[name]));
}

function withoutAbsent<T extends object>(value: T): T {
  for (const key of Object.keys(value)) if (Reflect.get(value, key) === undefined) Reflect.deleteProperty(value, key);
  return value;
}

function resourceTarget(old: OldSource): MetricTarget {
  return withoutAbsent({
    type: old.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageUtilization: old.targetAverageUtilization,
    averageValue: old.targetAverageValue,
  });
}

function metric(
  name: string | undefined,
  selector: LabelSelector | undefined,
): { name: string; selector?: LabelSelector | undefined } {
  return withoutAbsent({ name: name ?? '', selector });
}

function metricOf({ type, object, pods, resource, containerResource, external }: OldMetric): MetricSpec {
  const { name = '', container = '' } = containerResource ?? {};
  return withoutAbsent({
    type,
    object: object && {
      describedObject: { ...object.target, kind: object.target?.kind ?? '', name: object.target?.name ?? '' },
      metric: metric(object.metricName, object.selector),
      target: withoutAbsent({
        type: object.averageValue === undefined ? 'Value' : 'AverageValue',
        value: object.targetValue ?? '0',
        averageValue: object.averageValue,
      }),
    },
    pods: pods && {
      metric: metric(pods.metricName, pods.selector),
      target: { type: 'AverageValue', averageValue: pods.targetAverageValue ?? '0' },
    },
    resource: resource && { name: resource.name ?? '', target: resourceTarget(resource) },
    containerResource: containerResource && { name, container, target: resourceTarget(containerResource) },
    external: external && {
      metric: metric(external.metricName, external.metricSelector),
      target: withoutAbsent({
        type: external.targetValue === undefined ? 'AverageValue' : 'Value',
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  });
}

function oldMetric({ type, object, pods, resource, containerResource, external }: MetricSpec): OldMetric {
  const forResource = ({ averageUtilization, averageValue }: MetricTarget): OldSource => ({
    targetAverageUtilization: averageUtilization,
    targetAverageValue: averageValue,
  });
  return {
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      selector: object.metric.selector,
      targetValue: object.target.value,
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      selector: pods.metric.selector,
      targetAverageValue: pods.target.averageValue,
    },
    resource: resource && { name: resource.name, ...forResource(resource.target) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      ...forResource(containerResource.target),
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
  };
}

/** Nothing where the text cannot be read, which upstream ignores too. */
export function metricsOfAnnotation(text: string | undefined): readonly MetricSpec[] {
  if (text === undefined) return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  return Array.isArray(list) && list.every(isOldMetric) ? list.map(metricOf) : [];
}

export function annotationOfMetrics(metrics: readonly MetricSpec[]): string {
  return JSON.stringify(metrics.map(oldMetric));
}

/** Rules and defaults of autoscalers (autoscaling validation); both versions are stored as autoscaling/v2. */
import type { IssueSink } from '../field-issue.ts';
import type * as v2 from '../kinds/generated/autoscaling-v2.gen.ts';
import { pathSegmentErrors } from '../names.ts';
import { quantitySign } from '../quantity.ts';
import { checkNonNegative, checkPresent } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

const sources = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
  External: 'external',
} as const;
type SourceName = (typeof sources)[keyof typeof sources];

function isMetricType(type: string): type is keyof typeof sources {
  return Object.hasOwn(sources, type);
}

function checkSegment(value: string | undefined, at: IssueSink): void {
  if (checkPresent(value, at)) invalidEach(at, value, pathSegmentErrors(value));
}

function checkTarget(target: v2.MetricTarget | undefined, at: IssueSink): void {
  const { averageUtilization: utilization, averageValue: average, value } = target ?? {};
  if (!target || (target.type ?? '') === '') at.at('type').required('must specify a metric target type');
  if (utilization !== undefined && utilization < 1)
    at.at('averageUtilization').invalid(utilization, 'must be greater than 0');
  if (value !== undefined && quantitySign(value) <= 0) at.at('value').invalid(String(value), 'must be positive');
  if (average !== undefined && quantitySign(average) <= 0)
    at.at('averageValue').invalid(String(average), 'must be positive');
}

function checkMetric(metric: v2.MetricSpec, at: IssueSink): void {
  const used = Object.values(sources).filter((name) => metric[name] !== undefined);
  if (!isMetricType(metric.type)) {
    if ((metric.type ?? '') === '') at.at('type').required('must specify a metric source type');
    else at.at('type').notSupported(metric.type, Object.keys(sources).sort());
    return;
  }
  const own: SourceName = sources[metric.type];
  for (const name of used) if (name !== own) at.at(name).forbidden('must populate the given metric source only');
  const source = metric[own];
  const place = at.at(own);
  if (!source) {
    place.required('must populate information for the given metric source');
    return;
  }
  if (metric.resource && own === 'resource')
    checkPresent(metric.resource.name, place.at('name'), 'must specify a resource name');
  if (metric.object && own === 'object') {
    checkSegment(metric.object.describedObject?.kind, place.at('describedObject', 'kind'));
    checkSegment(metric.object.describedObject?.name, place.at('describedObject', 'name'));
  }
  if ('metric' in source) checkSegment(source.metric?.name, place.at('metric', 'name'));
  checkTarget(source.target, place.at('target'));
  if (own === 'pods' && metric.pods?.target?.averageValue === undefined) {
    place.at('target', 'averageValue').required('must specify a positive target averageValue');
  }
}

export function checkAutoscaler(spec: Partial<v2.HorizontalPodAutoscalerSpec>, at: IssueSink): void {
  const { minReplicas, maxReplicas = 0 } = spec;
  if (minReplicas !== undefined && minReplicas < 1) {
    at.at('minReplicas').invalid(minReplicas, 'must be greater than or equal to 1');
  }
  if (maxReplicas < 1) at.at('maxReplicas').invalid(maxReplicas, 'must be greater than 0');
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    at.at('maxReplicas').invalid(maxReplicas, 'must be greater than or equal to `minReplicas`');
  }
  checkSegment(spec.scaleTargetRef?.kind, at.at('scaleTargetRef', 'kind'));
  checkSegment(spec.scaleTargetRef?.name, at.at('scaleTargetRef', 'name'));
  spec.metrics?.forEach((metric, index) => checkMetric(metric, at.at('metrics', index)));
}

export function checkAutoscalerStatus(
  status: { readonly currentReplicas?: number | undefined; readonly desiredReplicas?: number | undefined } | undefined,
  at: IssueSink,
): void {
  checkNonNegative(status?.currentReplicas, at.at('currentReplicas'));
  checkNonNegative(status?.desiredReplicas, at.at('desiredReplicas'));
}

/** Where a metric's target stands, as `50%` or a value. */
export function metricText(metric: v2.MetricSpec, current: v2.MetricStatus | undefined): string {
  const own = isMetricType(metric.type) ? sources[metric.type] : undefined;
  const target = own === undefined ? undefined : metric[own]?.target;
  const now = own === undefined ? undefined : current?.[own]?.current;
  if (target?.averageUtilization !== undefined) {
    const name = metric.resource?.name ?? metric.containerResource?.name ?? '';
    const shown = now?.averageUtilization === undefined ? '<unknown>' : `${now.averageUtilization}%`;
    return `${name}: ${shown}/${target.averageUtilization}%`;
  }
  const goal = target?.averageValue ?? target?.value;
  return `${now?.averageValue ?? now?.value ?? '<unknown>'}/${goal ?? '<auto>'}`;
}

/** Rules and defaults of autoscalers (autoscaling validation); both versions are stored as autoscaling/v2. */
import type { IssueSink } from '../field-issue.ts';
import type * as v2 from '../kinds/generated/autoscaling-v2.gen.ts';
import { pathSegmentErrors } from '../names.ts';
import { quantitySign } from '../quantity.ts';
import { checkNonNegative, checkOneOf, checkOptionalOneOf, checkPresent } from './field-checks.ts';
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
  else if (!['AverageValue', 'Utilization', 'Value'].includes(target.type)) {
    at.at('type').invalid(target.type, 'must be either Utilization, Value, or AverageValue');
  }
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
  if (metric.containerResource && own === 'containerResource') {
    checkPresent(metric.containerResource.name, place.at('name'), 'must specify a resource name');
    checkPresent(metric.containerResource.container, place.at('container'), 'must specify a container');
  }
  if (metric.object && own === 'object') {
    checkSegment(metric.object.describedObject?.kind, place.at('describedObject', 'kind'));
    checkSegment(metric.object.describedObject?.name, place.at('describedObject', 'name'));
  }
  if ('metric' in source) checkSegment(source.metric?.name, place.at('metric', 'name'));
  checkTarget(source.target, place.at('target'));
  checkTargetValues(own, source.target, place.at('target'));
}

const utilization = {
  neither: 'must set either a target raw value or a target utilization',
  both: 'may not set both a target raw value and a target utilization',
};
const amount = {
  neither: 'must set either a target value for metric or a per-pod target',
  both: 'may not set both a target value for metric and a per-pod target',
};

/** Which of the values of its target each source takes. */
function checkTargetValues(own: SourceName, target: v2.MetricTarget | undefined, at: IssueSink): void {
  if (!target) return;
  const { averageUtilization, averageValue, value } = target;
  if (own === 'pods') {
    if (averageValue === undefined) at.at('averageValue').required('must specify a positive target averageValue');
  } else if (own === 'resource' || own === 'containerResource') {
    if (averageUtilization === undefined && averageValue === undefined) {
      at.at('averageUtilization').required(utilization.neither);
    } else if (averageUtilization !== undefined && averageValue !== undefined) {
      at.at('averageValue').forbidden(utilization.both);
    }
  } else if (value === undefined && averageValue === undefined) at.at('averageValue').required(amount.neither);
  else if (own === 'external' && value !== undefined && averageValue !== undefined)
    at.at('value').forbidden(amount.both);
}

const MOST_STABILIZATION = 3600;
const LONGEST_PERIOD = 1800;

function checkScalingRules(rules: v2.HPAScalingRules | undefined, at: IssueSink): void {
  if (!rules) return;
  const { stabilizationWindowSeconds: window, selectPolicy, policies } = rules;
  const windowAt = at.at('stabilizationWindowSeconds');
  if (window !== undefined && window < 0) windowAt.invalid(window, 'must be greater than or equal to zero');
  if (window !== undefined && window > MOST_STABILIZATION) {
    windowAt.invalid(window, `must be less than or equal to ${MOST_STABILIZATION}`);
  }
  checkOptionalOneOf(selectPolicy, ['Disabled', 'Max', 'Min'], at.at('selectPolicy'));
  // Where none are given, the defaults take their place.
  if (policies?.length === 0) at.at('policies').required('must specify at least one Policy');
  policies?.forEach((policy, index) => {
    const place = at.at('policies', index);
    checkOneOf(policy.type, ['Percent', 'Pods'], place.at('type'));
    if ((policy.value ?? 0) <= 0) place.at('value').invalid(policy.value ?? 0, 'must be greater than zero');
    const period = policy.periodSeconds ?? 0;
    if (period <= 0) place.at('periodSeconds').invalid(period, 'must be greater than zero');
    if (period > LONGEST_PERIOD) {
      place.at('periodSeconds').invalid(period, `must be less than or equal to ${LONGEST_PERIOD}`);
    }
  });
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
  checkScalingRules(spec.behavior?.scaleUp, at.at('behavior', 'scaleUp'));
  checkScalingRules(spec.behavior?.scaleDown, at.at('behavior', 'scaleDown'));
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

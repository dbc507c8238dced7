import type { KubeObject } from '../../meta.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn, orUnset, textColumn } from '../../table.ts';
import { checkAutoscaler, checkAutoscalerStatus } from '../../validation/autoscalers.ts';
import type * as autoscaling_v1 from '../generated/autoscaling-v1.gen.ts';
import { annotationOfMetrics, metricsOfAnnotation } from './metrics-annotation.ts';
import type { HorizontalPodAutoscaler as Stored } from './horizontal-pod-autoscaler.ts';

export type HorizontalPodAutoscaler = autoscaling_v1.HorizontalPodAutoscaler;

function isStored(object: KubeObject): object is Stored {
  return object.apiVersion === 'autoscaling/v2' && object.kind === 'HorizontalPodAutoscaler';
}

/** What only the newer version can say travels in annotations of these names (autoscaling/v1 conversion). */
const metricsKey = 'autoscaling.alpha.kubernetes.io/metrics';
const behaviorKey = 'autoscaling.alpha.kubernetes.io/behavior';

type StoredSpec = NonNullable<Stored['spec']>;

function isCpu(metric: NonNullable<StoredSpec['metrics']>[number]): boolean {
  return metric.resource?.name === 'cpu' && metric.resource.target.averageUtilization !== undefined;
}

function parsed<T>(text: string | undefined, check: (value: unknown) => value is T): T | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return check(value) ? value : undefined;
  } catch {
    // Upstream too ignores an annotation that it cannot read.
    return undefined;
  }
}

const isBehavior = (value: unknown): value is NonNullable<StoredSpec['behavior']> =>
  typeof value === 'object' && value !== null;

function toStored({ metadata, spec, status }: HorizontalPodAutoscaler): Stored {
  const { [metricsKey]: others, [behaviorKey]: behaviorText, ...annotations } = metadata.annotations ?? {};
  const cpu = spec.targetCPUUtilizationPercentage;
  const cpuMetrics: StoredSpec['metrics'] =
    cpu === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } } }];
  const behavior = parsed(behaviorText, isBehavior);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata.annotations ? { ...metadata, annotations } : metadata,
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
      maxReplicas: spec.maxReplicas,
      metrics: [...metricsOfAnnotation(others), ...cpuMetrics],
      ...(behavior ? { behavior } : {}),
    },
    ...(status
      ? {
          status: {
            currentReplicas: status.currentReplicas,
            desiredReplicas: status.desiredReplicas,
            ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
            ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
          },
        }
      : {}),
  };
}

function fromStored({ metadata, spec, status }: Stored): HorizontalPodAutoscaler {
  const cpu = spec.metrics?.find(isCpu)?.resource?.target.averageUtilization;
  const others = (spec.metrics ?? []).filter((metric) => !isCpu(metric));
  const extra = {
    ...(others.length === 0 ? {} : { [metricsKey]: annotationOfMetrics(others) }),
    ...(spec.behavior ? { [behaviorKey]: JSON.stringify(spec.behavior) } : {}),
  };
  const annotated = Object.keys(extra).length > 0;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: annotated ? { ...metadata, annotations: { ...metadata.annotations, ...extra } } : metadata,
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
      maxReplicas: spec.maxReplicas,
      ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }),
    },
    ...(status
      ? {
          status: {
            currentReplicas: status.currentReplicas ?? 0,
            desiredReplicas: status.desiredReplicas,
            ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
            ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
          },
        }
      : {}),
  };
}

export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>(
  'autoscaling/v1',
  'HorizontalPodAutoscaler',
  {
    shortNames: ['hpa'],
    categories: ['all'],
    columns: columnsOf<HorizontalPodAutoscaler>([
      textColumn('Reference', ({ spec }) => `${spec?.scaleTargetRef.kind ?? ''}/${spec?.scaleTargetRef.name ?? ''}`),
      textColumn('Targets', ({ spec, status }) => {
        const now = status?.currentCPUUtilizationPercentage;
        const goal = spec.targetCPUUtilizationPercentage;
        return goal === undefined ? '<none>' : `cpu: ${now === undefined ? '<unknown>' : `${now}%`}/${goal}%`;
      }),
      textColumn('MinPods', ({ spec }) =>
        orUnset(spec?.minReplicas === undefined ? undefined : String(spec.minReplicas)),
      ),
      integerColumn('MaxPods', ({ spec }) => spec?.maxReplicas ?? 0),
      integerColumn('Replicas', ({ status }) => status?.currentReplicas ?? 0),
    ]),
    validated: true,
    hasGeneration: false,
    storedAs: 'autoscaling/v2.HorizontalPodAutoscaler',
    toStored,
    fromStored(stored) {
      if (!isStored(stored)) throw new TypeError(`${stored.apiVersion} ${stored.kind} is no stored autoscaler`);
      return fromStored(stored);
    },
    example: {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 5,
        targetCPUUtilizationPercentage: 80,
      },
    },
    applyDefaults({ spec, metadata }) {
      if (!spec) return;
      spec.minReplicas ??= 1;
      if (metadata.annotations?.[metricsKey] === undefined) spec.targetCPUUtilizationPercentage ??= 80;
    },
    validate(autoscaler, issues) {
      checkAutoscaler(toStored(autoscaler).spec, issues.at('spec'));
    },
    validateStatusUpdate({ status }, _previous, issues) {
      checkAutoscalerStatus(status, issues.at('status'));
    },
  },
);

import { deepClone } from '../../../shared/deep.ts';
import { completeBehavior } from '../../autoscaling-behavior.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn, orUnset, textColumn } from '../../table.ts';
import { checkAutoscaler, checkAutoscalerStatus, metricText } from '../../validation/autoscalers.ts';
import type * as autoscaling_v2 from '../generated/autoscaling-v2.gen.ts';

export type HorizontalPodAutoscaler = autoscaling_v2.HorizontalPodAutoscaler;

export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  {
    shortNames: ['hpa'],
    categories: ['all'],
    columns: columnsOf<HorizontalPodAutoscaler>([
      textColumn('Reference', ({ spec }) => `${spec?.scaleTargetRef.kind ?? ''}/${spec?.scaleTargetRef.name ?? ''}`),
      textColumn('Targets', ({ spec, status }) => {
        const texts = (spec?.metrics ?? []).map((metric, index) => metricText(metric, status?.currentMetrics?.[index]));
        const more = texts.length > 2 ? ` + ${texts.length - 2} more...` : '';
        return texts.length === 0 ? '<none>' : texts.slice(0, 2).join(', ') + more;
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
    // Only what pods and containers use is measured; there is no API of custom or external metrics.
    unrealized: ['spec.metrics[].object', 'spec.metrics[].pods', 'spec.metrics[].external'],
    example: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 5,
      },
    },
    applyDefaults({ spec }) {
      if (!spec) return;
      spec.minReplicas ??= 1;
      const behavior = completeBehavior(spec.behavior);
      if (behavior) spec.behavior = deepClone(behavior);
      if ((spec.metrics ?? []).length === 0) {
        spec.metrics = [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ];
      }
    },
    validate({ spec }, issues) {
      checkAutoscaler(spec ?? {}, issues.at('spec'));
    },
    validateStatusUpdate({ status }, _previous, issues) {
      checkAutoscalerStatus(status, issues.at('status'));
    },
  },
);

import { HorizontalPodAutoscaler } from '../../../types/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf, valueAt } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';

export const autoscalerMinimum: LintRule = {
  id: 'reliability/autoscaler-minimum',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:hpa-minimum-three-replicas', 'kube-score:horizontalpodautoscaler-replicas'],
  summary: 'An autoscaler keeps two replicas or more.',
  why: 'At night, when load is low, one replica is left, and the next drained node is an outage.',
  bad: 'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 1\n  maxReplicas: 5\n',
  good: 'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 2\n  maxReplicas: 5\n',
  appliesTo: isOneOf(HorizontalPodAutoscaler),
  *check({ object }) {
    const minimum = valueAt(object, ['spec', 'minReplicas']) ?? 1;
    if (minimum !== 1) return;
    yield {
      path: ['spec', 'minReplicas'],
      message: 'the autoscaler may go down to one replica',
      fix: suggestSet(['spec', 'minReplicas'], 2),
    };
  },
};

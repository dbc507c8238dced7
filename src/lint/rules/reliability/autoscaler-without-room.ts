import { HorizontalPodAutoscaler } from '../../../types/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf, valueAt } from '../../selectors.ts';

export const autoscalerWithoutRoom: LintRule = {
  id: 'reliability/autoscaler-without-room',
  severity: 'info',
  recommended: true,
  summary: 'An autoscaler has room between its limits.',
  why: 'With the same number twice it can do nothing.',
  bad: 'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 3\n  maxReplicas: 3\n',
  good: 'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 3\n  maxReplicas: 6\n',
  appliesTo: isOneOf(HorizontalPodAutoscaler),
  *check({ object }) {
    const minimum = valueAt(object, ['spec', 'minReplicas']) ?? 1;
    if (valueAt(object, ['spec', 'maxReplicas']) !== minimum) return;
    yield { path: ['spec', 'maxReplicas'], message: 'the smallest number of replicas is also the largest' };
  },
};

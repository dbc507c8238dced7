import type { LintRule } from '../../rule.ts';
import { hasReplicas, valueAt } from '../../selectors.ts';
import { remove } from '../changes.ts';
import { deploymentExample, documents } from '../example.ts';

export const autoscaledReplicas: LintRule = {
  id: 'reliability/autoscaled-replicas',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-score:deployment-targeted-by-hpa-does-not-have-replicas-configured'],
  summary: 'What an autoscaler scales does not say how many replicas it has.',
  why: 'Every apply sets the number back, whatever the load is.',
  bad: documents(
    deploymentExample({ deployment: 'replicas: 3' }),
    'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 2\n  maxReplicas: 5\n',
  ),
  good: documents(
    deploymentExample(),
    'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 2\n  maxReplicas: 5\n',
  ),
  appliesTo: hasReplicas,
  *check({ object }, around) {
    const path = ['spec', 'replicas'];
    if (valueAt(object, path) === undefined) return;
    const scaling = around
      .neighbours('autoscaling', 'HorizontalPodAutoscaler')
      .find(
        (one) =>
          valueAt(one.object, ['spec', 'scaleTargetRef', 'name']) === object.metadata.name &&
          valueAt(one.object, ['spec', 'scaleTargetRef', 'kind']) === object.kind,
      );
    if (!scaling) return;
    const message = `every apply takes back what the autoscaler ${scaling.object.metadata.name} has set`;
    yield { path, message, fix: remove(path) };
  },
};

import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf, valueAt } from '../../selectors.ts';
import { deploymentExample, documents } from '../example.ts';
import { budgetExample, budgetOf } from './disruption-budget.ts';

const scaler =
  'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 2\n  maxReplicas: 5\n';

export const budgetAboveAutoscaler: LintRule = {
  id: 'reliability/budget-above-autoscaler',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'A disruption budget demands fewer pods than the autoscaler keeps.',
  why: 'When the autoscaler has gone down to its smallest number, no pod may go and no node can be drained.',
  bad: documents(deploymentExample(), scaler, budgetExample('minAvailable: 2')),
  good: documents(deploymentExample(), scaler, budgetExample('minAvailable: 1')),
  appliesTo: isOneOf(PodDisruptionBudget),
  *check(subject, around) {
    const { minAvailable: least, selector } = budgetOf(subject) ?? {};
    if (typeof least !== 'number') return;
    for (const { object } of around.podsSelectedBy(selector)) {
      for (const { object: autoscaler } of around.neighbours('autoscaling', 'HorizontalPodAutoscaler')) {
        if (valueAt(autoscaler, ['spec', 'scaleTargetRef', 'name']) !== object.metadata.name) continue;
        const minimum = valueAt(autoscaler, ['spec', 'minReplicas']) ?? 1;
        if (typeof minimum !== 'number' || least < minimum) continue;
        const message = `${least} pods have to stay, and the autoscaler ${autoscaler.metadata.name} may go down to ${minimum}`;
        yield { path: ['spec', 'minAvailable'], message };
      }
    }
  },
};

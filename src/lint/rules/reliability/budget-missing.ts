import type { LintRule } from '../../rule.ts';
import { hasReplicas, valueAt } from '../../selectors.ts';
import { deploymentExample, documents } from '../example.ts';
import { budgetExample } from './disruption-budget.ts';

export const budgetMissing: LintRule = {
  id: 'reliability/budget-missing',
  severity: 'info',
  recommended: false,
  looksAround: true,
  aliases: ['kube-score:deployment-has-poddisruptionbudget', 'kube-score:statefulset-has-poddisruptionbudget'],
  summary: 'What has several replicas has a disruption budget.',
  why: 'Without one all replicas may be taken away at once when nodes are drained.',
  bad: deploymentExample({ deployment: 'replicas: 3' }),
  good: documents(deploymentExample({ deployment: 'replicas: 3' }), budgetExample('maxUnavailable: 1')),
  appliesTo: hasReplicas,
  *check(subject, around) {
    const replicas = valueAt(subject.object, ['spec', 'replicas']);
    if (typeof replicas !== 'number' || replicas < 2) return;
    if (around.selecting('policy', 'PodDisruptionBudget').length > 0) return;
    yield { path: ['spec', 'replicas'], message: 'no disruption budget keeps any of the replicas' };
  },
};

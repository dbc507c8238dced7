import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { deploymentExample, documents } from '../example.ts';

const budget = (label: string): string =>
  `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app: ${label}\n`;

export const budgetPods: LintRule = {
  id: 'reference/budget-pods',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'A disruption budget selects pods.',
  why: 'A budget for nobody protects nobody.',
  bad: documents(budget('wbe'), deploymentExample()),
  good: documents(budget('web'), deploymentExample()),
  appliesTo: isOneOf(PodDisruptionBudget),
  *check(subject, around) {
    const selector = asKind(PodDisruptionBudget, subject)?.spec?.selector;
    if (!selector || around.podsSelectedBy(selector).length > 0) return;
    const nobody = around.podsSelectedBy({}).length === 0;
    const message = nobody
      ? 'no pods are among the files that were looked at'
      : 'the budget selects none of the pods here';
    yield { path: ['spec', 'selector'], message, part: 'key', ...(nobody ? { atMost: 'info' } : {}) };
  },
};

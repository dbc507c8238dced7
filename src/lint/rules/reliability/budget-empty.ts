import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { budgetExample, budgetOf } from './disruption-budget.ts';

export const budgetEmpty: LintRule = {
  id: 'reliability/budget-empty',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-score:poddisruptionbudget-has-policy'],
  summary: 'A disruption budget says how many pods may go or must stay.',
  why: 'Without either number it keeps nothing.',
  bad: budgetExample(''),
  good: budgetExample('minAvailable: 1'),
  appliesTo: isOneOf(PodDisruptionBudget),
  *check(subject) {
    const spec = budgetOf(subject);
    if (!spec || spec.maxUnavailable !== undefined || spec.minAvailable !== undefined) return;
    yield {
      path: ['spec'],
      message: 'neither minAvailable nor maxUnavailable is set',
      fix: suggestSet(['spec', 'maxUnavailable'], 1),
    };
  },
};

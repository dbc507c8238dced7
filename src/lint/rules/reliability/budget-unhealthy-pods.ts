import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { budgetExample, budgetOf } from './disruption-budget.ts';

export const budgetUnhealthyPods: LintRule = {
  id: 'reliability/budget-unhealthy-pods',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:pdb-unhealthy-pod-eviction-policy'],
  summary: 'A disruption budget says what is to be done with pods that are not healthy.',
  why: 'By default broken pods keep nodes from being drained, although nobody gains from them.',
  bad: budgetExample('maxUnavailable: 1'),
  good: budgetExample('maxUnavailable: 1\nunhealthyPodEvictionPolicy: AlwaysAllow'),
  appliesTo: isOneOf(PodDisruptionBudget),
  *check(subject) {
    const spec = budgetOf(subject);
    if (!spec || spec.unhealthyPodEvictionPolicy !== undefined) return;
    const fix = suggestSet(['spec', 'unhealthyPodEvictionPolicy'], 'AlwaysAllow');
    yield { path: ['spec'], message: 'unhealthyPodEvictionPolicy is not set', fix };
  },
};

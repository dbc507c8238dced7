import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf, valueAt } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { budgetExample, budgetOf } from './disruption-budget.ts';

export const budgetBlocks: LintRule = {
  id: 'reliability/budget-blocks',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:pdb-max-unavailable', 'kube-linter:pdb-min-available'],
  summary: 'A disruption budget lets at least one pod go.',
  why: 'Otherwise no node can be drained: upgrades of the cluster hang until somebody deletes the pod by hand.',
  bad: budgetExample('maxUnavailable: 0'),
  good: budgetExample('maxUnavailable: 1'),
  appliesTo: isOneOf(PodDisruptionBudget),
  *check(subject, around) {
    const { maxUnavailable: most, minAvailable: least, selector } = budgetOf(subject) ?? {};
    const message = 'the budget lets no pod go: nodes cannot be drained';
    if (most === 0 || most === '0%')
      yield { path: ['spec', 'maxUnavailable'], message, fix: suggestSet(['spec', 'maxUnavailable'], 1) };
    if (least === '100%') yield { path: ['spec', 'minAvailable'], message };
    if (typeof least !== 'number') return;
    const counts = around.podsSelectedBy(selector).map(({ object }) => valueAt(object, ['spec', 'replicas']));
    const replicas = counts.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 1), 0);
    if (replicas === 0 || least < replicas) return;
    yield { path: ['spec', 'minAvailable'], message: `${message}; the workload has ${replicas} of them` };
  },
};

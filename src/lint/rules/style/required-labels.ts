import type { LintRule } from '../../rule.ts';
import { anyKind } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const requiredLabels: LintRule = {
  id: 'style/required-labels',
  severity: 'warning',
  recommended: true,
  options: { labels: [] },
  aliases: ['kube-linter:required-label-owner'],
  summary: 'Objects have the labels that the configuration lists (option `labels`; nothing is checked without).',
  why: 'Bills, dashboards and policies go by labels.',
  bad: deploymentExample(),
  good: deploymentExample({ own: 'labels:\n  team: shop' }),
  appliesTo: anyKind,
  *check({ object }, _around, { labels }) {
    for (const label of Array.isArray(labels) ? labels : []) {
      if (typeof label !== 'string' || object.metadata.labels?.[label] !== undefined) continue;
      yield { path: ['metadata', 'labels'], message: `the label ${label} is missing`, part: 'key' };
    }
  },
};

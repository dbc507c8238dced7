import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const recommendedLabels: LintRule = {
  id: 'style/recommended-labels',
  severity: 'info',
  recommended: false,
  summary:
    'Workloads have the labels that Kubernetes recommends: app.kubernetes.io/name and app.kubernetes.io/instance.',
  why: 'Tools show together what has them in common.',
  bad: deploymentExample(),
  good: deploymentExample({ own: 'labels:\n  app.kubernetes.io/name: web\n  app.kubernetes.io/instance: shop' }),
  appliesTo: hasPods,
  *check({ object }) {
    for (const label of ['app.kubernetes.io/name', 'app.kubernetes.io/instance']) {
      if (object.metadata.labels?.[label] !== undefined) continue;
      yield { path: ['metadata', 'labels'], message: `the label ${label} is missing`, part: 'key' };
    }
  },
};

import type { LintRule } from '../../rule.ts';

export const namespaceMissing: LintRule = {
  id: 'style/namespace-missing',
  severity: 'info',
  recommended: false,
  summary: 'Objects say which namespace they are for.',
  why: 'Otherwise they go to whichever is current when somebody applies them.',
  bad: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n',
  good: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: shop\n',
  appliesTo: (kind) => kind?.scope === 'Namespaced',
  *check({ namespace }) {
    if (namespace !== undefined) return;
    yield { path: ['metadata'], message: 'this goes to whichever namespace is current' };
  },
};

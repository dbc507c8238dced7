import type { LintRule } from '../../rule.ts';

export const namespaceDefault: LintRule = {
  id: 'style/namespace-default',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:use-namespace'],
  summary: 'Nothing is put into the namespace default.',
  why: 'It belongs to everybody: names clash, and rights and quotas cannot be given apart.',
  bad: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\n',
  good: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: shop\n',
  appliesTo: (kind) => kind?.scope === 'Namespaced',
  *check({ object }) {
    if (object.metadata.namespace !== 'default') return;
    yield { path: ['metadata', 'namespace'], message: 'this goes to the namespace default' };
  },
};

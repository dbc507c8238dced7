import type { LintRule } from '../../rule.ts';
import { remove } from '../changes.ts';

export const namespaceIgnored: LintRule = {
  id: 'correctness/namespace-ignored',
  severity: 'warning',
  recommended: true,
  summary: 'Objects of the whole cluster have no namespace.',
  why: 'The API server takes it away without a word; whoever wrote it thought that it limits something.',
  bad: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: reader\n  namespace: shop\nrules: []\n',
  good: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: reader\nrules: []\n',
  appliesTo: (kind) => kind?.scope === 'Cluster',
  *check({ object }) {
    if (object.metadata.namespace === undefined) return;
    const path = ['metadata', 'namespace'];
    yield { path, message: `a ${object.kind} is in no namespace`, fix: remove(path, 'Remove the namespace') };
  },
};

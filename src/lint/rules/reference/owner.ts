import type { LintRule } from '../../rule.ts';
import { anyKind, groupOf } from '../../selectors.ts';
import { documents } from '../example.ts';
import { missing } from './unresolved.ts';

const owned = `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  ownerReferences:
    - apiVersion: v1
      kind: ConfigMap
      name: parent
      uid: 6fa1c9c2-1111-4222-8333-0123456789ab
`;

export const owner: LintRule = {
  id: 'reference/owner',
  severity: 'info',
  recommended: true,
  looksAround: true,
  summary: 'Owners that an object names are there.',
  why: 'An object whose owner does not exist is collected as garbage soon after it was made.',
  bad: owned,
  good: documents('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: parent\n', owned),
  appliesTo: anyKind,
  *check({ object }, around) {
    for (const [index, { apiVersion, kind, name }] of (object.metadata.ownerReferences ?? []).entries()) {
      const group = groupOf(apiVersion);
      // A namespaced object may belong to a cluster-scoped one.
      if (around.named(group, kind, name).some((one) => one.kind?.scope === 'Cluster')) continue;
      const path = ['metadata', 'ownerReferences', index, 'name'];
      const found = missing({ kind, group, name, namespaced: true, path }, around, 'info');
      if (found) yield found;
    }
  },
};

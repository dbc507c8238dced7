import { RoleBinding } from '../../../types/kinds/rbac/role-binding.ts';
import { ClusterRoleBinding } from '../../../types/kinds/rbac/cluster-role-binding.ts';
import type { LintRule } from '../../rule.ts';
import { asKind } from '../../selectors.ts';
import { deploymentExample, documents } from '../example.ts';
import { missing, unresolved } from './unresolved.ts';

const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n';

export const serviceAccount: LintRule = {
  id: 'reference/service-account',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:non-existent-service-account'],
  summary: 'Service accounts that pods and bindings name are there.',
  why: 'Pods of an account that does not exist are never made, and a binding to one gives nobody anything.',
  bad: deploymentExample({ spec: 'serviceAccountName: web' }),
  good: documents(account, deploymentExample({ spec: 'serviceAccountName: web' })),
  appliesTo: (kind) => kind?.references !== undefined,
  *check(subject, around) {
    yield* unresolved(subject, around, { kinds: ['ServiceAccount'], absent: 'warning' });
    const subjects = asKind(RoleBinding, subject)?.subjects ?? asKind(ClusterRoleBinding, subject)?.subjects ?? [];
    for (const [index, { kind, name, namespace }] of subjects.entries()) {
      if (kind !== 'ServiceAccount' || name === 'default') continue;
      const place = namespace === undefined ? {} : { namespace };
      // Accounts of other namespaces mostly come from somebody else.
      const absent = namespace === undefined || namespace === subject.namespace ? 'info' : 'only-similar';
      const found = missing(
        { kind, group: '', name, namespaced: true, ...place, path: ['subjects', index, 'name'] },
        around,
        absent,
      );
      if (found) yield found;
    }
  },
};

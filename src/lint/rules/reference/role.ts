import { RoleBinding } from '../../../types/kinds/rbac/role-binding.ts';
import { ClusterRoleBinding } from '../../../types/kinds/rbac/cluster-role-binding.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { documents } from '../example.ts';
import { unresolved } from './unresolved.ts';

const builtIn = /^(?:system:|(?:cluster-admin|admin|edit|view)$)/;
const binding =
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: web\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: web\nsubjects: []\n';

export const role: LintRule = {
  id: 'reference/role',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'Roles that are bound are there.',
  why: 'A binding to a role that does not exist gives nobody anything, and cannot be changed later.',
  bad: binding,
  good: documents('apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: web\nrules: []\n', binding),
  appliesTo: isOneOf(RoleBinding, ClusterRoleBinding),
  *check(subject, around) {
    const name = (asKind(RoleBinding, subject) ?? asKind(ClusterRoleBinding, subject))?.roleRef.name ?? '';
    if (builtIn.test(name)) return;
    yield* unresolved(subject, around, { kinds: ['Role'], absent: 'warning' });
    yield* unresolved(subject, around, { kinds: ['ClusterRole'], absent: 'info' });
  },
};

import type { LintRule } from '../../rule.ts';
import { bindingExample, bindingOf, isBinding } from './roles.ts';

export const clusterAdmin: LintRule = {
  id: 'rbac/cluster-admin',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:cluster-admin-role-binding'],
  summary: 'Nobody is bound to cluster-admin.',
  why: 'cluster-admin may do everything. What a program needs can be listed.',
  bad: bindingExample('cluster-admin', 'kind: ServiceAccount\nname: web\nnamespace: shop'),
  good: bindingExample('view', 'kind: ServiceAccount\nname: web\nnamespace: shop'),
  appliesTo: isBinding,
  *check(subject) {
    const binding = bindingOf(subject);
    if (binding?.roleRef.name !== 'cluster-admin') return;
    yield { path: ['roleRef', 'name'], message: 'the subjects of this binding may do everything' };
  },
};

import type { LintRule } from '../../rule.ts';
import { isRole, roleExample, rulesOf } from './roles.ts';

const dangerous = ['escalate', 'bind', 'impersonate'];

export const escalate: LintRule = {
  id: 'rbac/escalate',
  severity: 'warning',
  recommended: true,
  summary: 'Roles hold none of bind, escalate and impersonate.',
  why: 'With these verbs one gives oneself any other right.',
  bad: roleExample('apiGroups: [rbac.authorization.k8s.io]\nresources: [clusterroles]\nverbs: [bind]', 'ClusterRole'),
  good: roleExample('apiGroups: [rbac.authorization.k8s.io]\nresources: [clusterroles]\nverbs: [get]', 'ClusterRole'),
  appliesTo: isRole,
  *check(subject) {
    for (const [index, { verbs }] of rulesOf(subject).entries()) {
      for (const [place, verb] of verbs.entries()) {
        if (dangerous.includes(verb))
          yield { path: ['rules', index, 'verbs', place], message: `${verb} leads to any other right` };
      }
    }
  },
};

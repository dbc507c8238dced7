import type { LintRule } from '../../rule.ts';
import { allows, isRole, roleExample, rulesOf } from './roles.ts';

export const exec: LintRule = {
  id: 'rbac/exec',
  severity: 'warning',
  recommended: true,
  summary: 'Roles do not let their subjects into running containers.',
  why: 'Who may exec into or attach to a pod has whatever the pod has: its secrets, its account, its network.',
  bad: roleExample("apiGroups: ['']\nresources: [pods/exec]\nverbs: [create]"),
  good: roleExample("apiGroups: ['']\nresources: [pods/log]\nverbs: [get]"),
  appliesTo: isRole,
  *check(subject) {
    for (const [index, rule] of rulesOf(subject).entries()) {
      const resources = ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/*'];
      if (rule.resources?.includes('*') === true || !allows(rule, ['create', 'get'], '', resources)) continue;
      yield { path: ['rules', index, 'resources'], message: 'this role enters running containers', part: 'key' };
    }
  },
};

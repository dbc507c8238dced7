import type { LintRule } from '../../rule.ts';
import { allows, isRole, roleExample, rulesOf } from './roles.ts';

export const readSecrets: LintRule = {
  id: 'rbac/read-secrets',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:access-to-secrets'],
  summary: 'Roles do not open all Secrets.',
  why: 'Who reads all Secrets of a namespace has the rights of every account in it.',
  bad: roleExample("apiGroups: ['']\nresources: [secrets]\nverbs: [get, list]"),
  good: roleExample("apiGroups: ['']\nresources: [secrets]\nresourceNames: [web-tls]\nverbs: [get]"),
  appliesTo: isRole,
  *check(subject) {
    for (const [index, rule] of rulesOf(subject).entries()) {
      if ((rule.resourceNames ?? []).length > 0 || !allows(rule, ['get', 'list', 'watch'], '', ['secrets'])) continue;
      yield { path: ['rules', index, 'resources'], message: 'this role reads all Secrets', part: 'key' };
    }
  },
};

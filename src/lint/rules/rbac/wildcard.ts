import type { LintRule } from '../../rule.ts';
import { isRole, roleExample, rulesOf } from './roles.ts';

export const wildcard: LintRule = {
  id: 'rbac/wildcard',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:wildcard-in-rules'],
  summary: 'Roles name verbs, resources and groups one by one.',
  why: 'A star covers what comes later too: new resources, new verbs, other people’s definitions.',
  bad: roleExample("apiGroups: ['']\nresources: ['*']\nverbs: [get]"),
  good: roleExample("apiGroups: ['']\nresources: [pods]\nverbs: [get]"),
  appliesTo: isRole,
  *check(subject) {
    for (const [index, rule] of rulesOf(subject).entries()) {
      for (const field of ['verbs', 'resources', 'apiGroups'] as const) {
        const place = rule[field]?.indexOf('*') ?? -1;
        if (place >= 0)
          yield { path: ['rules', index, field, place], message: `* stands for all ${field}, also future ones` };
      }
    }
  },
};

import type { LintRule } from '../../rule.ts';
import { allows, isRole, roleExample, rulesOf } from './roles.ts';

const makers: readonly (readonly [string, readonly string[]])[] = [
  ['', ['pods', 'replicationcontrollers']],
  ['apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets']],
  ['batch', ['jobs', 'cronjobs']],
];

export const createPods: LintRule = {
  id: 'rbac/create-pods',
  severity: 'warning',
  recommended: false,
  aliases: ['kube-linter:access-to-create-pods'],
  summary: 'Roles do not let their subjects create pods.',
  why: 'A pod may mount every Secret and use every account of its namespace: to create pods is to have all of these.',
  bad: roleExample("apiGroups: ['']\nresources: [pods]\nverbs: [create]"),
  good: roleExample("apiGroups: ['']\nresources: [pods]\nverbs: [get, list]"),
  appliesTo: isRole,
  *check(subject) {
    for (const [index, rule] of rulesOf(subject).entries()) {
      if (!makers.some(([group, resources]) => allows(rule, ['create', 'update', 'patch'], group, resources))) continue;
      yield { path: ['rules', index, 'verbs'], message: 'this role creates or changes pods', part: 'key' };
    }
  },
};

import type { LintedObject } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { ClusterRole } from '../../../types/kinds/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../../types/kinds/rbac/cluster-role-binding.ts';
import { Role } from '../../../types/kinds/rbac/role.ts';
import { RoleBinding } from '../../../types/kinds/rbac/role-binding.ts';
import type { PolicyRule, RoleRef, Subject } from '../../../types/kinds/generated/rbac-v1.gen.ts';

export const isRole = isOneOf(Role, ClusterRole);
export const isBinding = isOneOf(RoleBinding, ClusterRoleBinding);

export function rulesOf(subject: LintedObject): readonly PolicyRule[] {
  return asKind(Role, subject)?.rules ?? asKind(ClusterRole, subject)?.rules ?? [];
}

export interface Binding {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[] | undefined;
}

export function bindingOf(subject: LintedObject): Binding | undefined {
  return asKind(RoleBinding, subject) ?? asKind(ClusterRoleBinding, subject);
}

export function allows(
  rule: PolicyRule,
  verbs: readonly string[],
  group: string,
  resources: readonly string[],
): boolean {
  const has = (list: readonly string[] | undefined, wanted: readonly string[]): boolean =>
    list?.some((one) => one === '*' || wanted.includes(one)) === true;
  return has(rule.verbs, verbs) && has(rule.apiGroups, [group]) && has(rule.resources, resources);
}

export function roleExample(rule: string, kind = 'Role'): string {
  const lines = rule
    .trim()
    .split('\n')
    .map((line, index) => `  ${index === 0 ? '- ' : '  '}${line}\n`);
  return `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata:\n  name: web\nrules:\n${lines.join('')}`;
}

export function bindingExample(role: string, subject: string): string {
  return [
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: web\n',
    `roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: ${role}\n`,
    `subjects:\n  - ${subject.trim().split('\n').join('\n    ')}\n`,
  ].join('');
}

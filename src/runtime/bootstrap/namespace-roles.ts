/** Roles in kube-system and kube-public, and who is bound to them. */
import type { PolicyRule } from '../../types/kinds/generated/rbac-v1.gen.ts';
import { recordEvents, rule } from './rule.ts';

export interface NamespaceRole {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  readonly binding: string;
  /** As in `componentBindings`. */
  readonly subjects: readonly string[];
}

function leaderLock(component: string): NamespaceRole {
  const name = `system::leader-locking-${component}`;
  return {
    namespace: 'kube-system',
    name,
    rules: [rule('watch', 'core', 'configmaps'), rule('get update', 'core', 'configmaps', component)],
    binding: name,
    subjects: [`User system:${component}`, `ServiceAccount kube-system/${component}`],
  };
}

function controllerRole(namespace: string, controller: string, rules: readonly PolicyRule[]): NamespaceRole {
  const name = `system:controller:${controller}`;
  return { namespace, name, rules, binding: name, subjects: [`ServiceAccount kube-system/${controller}`] };
}

export const namespaceRoles: readonly NamespaceRole[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: [rule('get list watch', 'core', 'configmaps', 'extension-apiserver-authentication')],
    binding: 'system::extension-apiserver-authentication-reader',
    subjects: ['User system:kube-controller-manager', 'User system:kube-scheduler'],
  },
  leaderLock('kube-controller-manager'),
  leaderLock('kube-scheduler'),
  controllerRole('kube-system', 'bootstrap-signer', [rule('get list watch', 'core', 'secrets')]),
  controllerRole('kube-system', 'cloud-provider', [rule('create get list watch', 'core', 'configmaps')]),
  controllerRole('kube-system', 'token-cleaner', [rule('delete get list watch', 'core', 'secrets'), recordEvents]),
  controllerRole('kube-public', 'bootstrap-signer', [
    rule('get list watch', 'core', 'configmaps'),
    rule('update', 'core', 'configmaps', 'cluster-info'),
    recordEvents,
  ]),
];

import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import type { SELinuxOptions } from '../../../types/kinds/generated/core-v1.gen.ts';

const types: ReadonlySet<string> = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);

function complaint({ type = '', user = '', role = '' }: SELinuxOptions): readonly [string, string] | undefined {
  if (!types.has(type)) return ['type', `the SELinux type ${type} is none for containers`];
  if (user !== '') return ['user', `the SELinux user is set to ${user}`];
  return role === '' ? undefined : ['role', `the SELinux role is set to ${role}`];
}

export const selinux: LintRule = {
  id: 'security/selinux',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'SELinux types are those for containers, users and roles are not set.',
  why: 'Other types and users take off the label that keeps containers apart from the node.',
  bad: podExample({ spec: 'securityContext:\n  seLinuxOptions:\n    type: spc_t' }),
  good: podExample({ spec: 'securityContext:\n  seLinuxOptions:\n    type: container_t' }),
  appliesTo: hasPods,
  *check(subject) {
    const { pod } = subject;
    const shared = complaint(pod?.spec.securityContext?.seLinuxOptions ?? {});
    if (pod && shared)
      yield { path: [...pod.path, 'securityContext', 'seLinuxOptions', shared[0]], message: shared[1] };
    for (const { container, at } of containersOf(subject)) {
      const own = complaint(container.securityContext?.seLinuxOptions ?? {});
      if (own) yield { path: at('securityContext', 'seLinuxOptions', own[0]), message: own[1] };
    }
  },
};

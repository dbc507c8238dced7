import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import type { SELinuxOptions } from '../../../types/kinds/generated/core-v1.gen.ts';

/** Each with the minor version from which on it is allowed. */
const types: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['container_t', 0],
  ['container_init_t', 0],
  ['container_kvm_t', 0],
  ['container_engine_t', 31],
]);

function complaint(options: SELinuxOptions | undefined, minor: number): readonly [string, string] | undefined {
  const { type = '', user = '', role = '' } = options ?? {};
  if ((types.get(type) ?? Number.POSITIVE_INFINITY) > minor)
    return ['type', `the SELinux type ${type} is none for containers`];
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
  *check(subject, _around, _options, minor) {
    const { pod } = subject;
    const shared = complaint(pod?.spec.securityContext?.seLinuxOptions, minor);
    if (pod && shared)
      yield { path: [...pod.path, 'securityContext', 'seLinuxOptions', shared[0]], message: shared[1] };
    for (const { container, at } of containersOf(subject)) {
      const own = complaint(container.securityContext?.seLinuxOptions, minor);
      if (own) yield { path: at('securityContext', 'seLinuxOptions', own[0]), message: own[1] };
    }
  },
};

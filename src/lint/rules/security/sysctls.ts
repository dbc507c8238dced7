import { safeSysctls, sysctlName } from '../../../types/pod/sysctls.ts';
import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const sysctls: LintRule = {
  id: 'security/sysctls',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  aliases: ['kube-linter:unsafe-sysctls'],
  summary: 'Only safe kernel settings are changed.',
  why: 'Settings that are not the pod’s own change the node for everybody, and kubelets refuse them unless told otherwise.',
  bad: podExample({ spec: 'securityContext:\n  sysctls:\n    - name: kernel.msgmax\n      value: "65536"' }),
  good: podExample({ spec: 'securityContext:\n  sysctls:\n    - name: net.ipv4.tcp_syncookies\n      value: "1"' }),
  appliesTo: hasPods,
  *check({ pod }, _around, _options, minor) {
    for (const [index, { name }] of (pod?.spec.securityContext?.sysctls ?? []).entries()) {
      if (!pod || (safeSysctls.get(sysctlName(name)) ?? Number.POSITIVE_INFINITY) <= minor) continue;
      const path = [...pod.path, 'securityContext', 'sysctls', index, 'name'];
      yield { path, message: `the setting ${name} is not among the safe ones` };
    }
  },
};

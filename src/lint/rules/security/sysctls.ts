import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

/** Each with the minor version from which on it is safe. */
const safe: ReadonlyMap<string, number> = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
]);

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
      if (!pod || (safe.get(name.replaceAll('/', '.')) ?? Number.POSITIVE_INFINITY) <= minor) continue;
      const path = [...pod.path, 'securityContext', 'sysctls', index, 'name'];
      yield { path, message: `the setting ${name} is not among the safe ones` };
    }
  },
};

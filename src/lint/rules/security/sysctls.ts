import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

const safe: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
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
  *check({ pod }) {
    for (const [index, { name }] of (pod?.spec.securityContext?.sysctls ?? []).entries()) {
      if (!pod || safe.has(name.replaceAll('/', '.'))) continue;
      const path = [...pod.path, 'securityContext', 'sysctls', index, 'name'];
      yield { path, message: `the setting ${name} is not among the safe ones` };
    }
  },
};

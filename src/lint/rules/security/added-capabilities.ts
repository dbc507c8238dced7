import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

const usual: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
/** These have rules of their own. */
const worse: ReadonlySet<string> = new Set(['SYS_ADMIN', 'SYS_MODULE']);

export const addedCapabilities: LintRule = {
  id: 'security/added-capabilities',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'No capability is added beyond those that a runtime gives anyway.',
  why: 'Each further capability opens a part of the kernel that containers are otherwise kept out of.',
  bad: podExample({ container: 'securityContext:\n  capabilities:\n    add: [NET_ADMIN]' }),
  good: podExample({ container: 'securityContext:\n  capabilities:\n    add: [NET_BIND_SERVICE]' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      for (const [index, name] of (container.securityContext?.capabilities?.add ?? []).entries()) {
        if (usual.has(name) || worse.has(name)) continue;
        const path = at('securityContext', 'capabilities', 'add', index);
        yield { path, message: `container ${container.name} gets the capability ${name}` };
      }
    }
  },
};

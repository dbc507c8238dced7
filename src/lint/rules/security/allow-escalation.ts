import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods, isWindows } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const allowEscalation: LintRule = {
  id: 'security/allow-escalation',
  severity: 'warning',
  recommended: true,
  podSecurity: 'restricted',
  aliases: ['kube-linter:privilege-escalation-container'],
  summary: 'allowPrivilegeEscalation is false.',
  why: 'Without it a process may gain more rights than its parent has, through setuid programs for example.',
  bad: podExample({ container: 'securityContext:\n  allowPrivilegeEscalation: true' }),
  good: podExample({ container: 'securityContext:\n  allowPrivilegeEscalation: false' }),
  appliesTo: hasPods,
  *check(subject) {
    if (isWindows(subject)) return;
    for (const { container, at } of containersOf(subject)) {
      const value = container.securityContext?.allowPrivilegeEscalation;
      if (value === false) continue;
      const path = at('securityContext', 'allowPrivilegeEscalation');
      const message = `container ${container.name} may gain more rights than it starts with`;
      yield { path: value === undefined ? at() : path, message, fix: suggestSet(path, false) };
    }
  },
};

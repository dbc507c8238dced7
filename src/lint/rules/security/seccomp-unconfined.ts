import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const seccompUnconfined: LintRule = {
  id: 'security/seccomp-unconfined',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'Seccomp is not turned off.',
  why: 'Unconfined opens all system calls, also those that are only ever needed to break out.',
  bad: podExample({ spec: 'securityContext:\n  seccompProfile:\n    type: Unconfined' }),
  good: podExample({ spec: 'securityContext:\n  seccompProfile:\n    type: RuntimeDefault' }),
  appliesTo: hasPods,
  *check(subject) {
    const { pod } = subject;
    if (pod?.spec.securityContext?.seccompProfile?.type === 'Unconfined') {
      const path = [...pod.path, 'securityContext', 'seccompProfile', 'type'];
      yield { path, message: 'seccomp is turned off for the pod', fix: suggestSet(path, 'RuntimeDefault') };
    }
    for (const { container, at } of containersOf(subject)) {
      if (container.securityContext?.seccompProfile?.type !== 'Unconfined') continue;
      const path = at('securityContext', 'seccompProfile', 'type');
      yield { path, message: `seccomp is turned off for ${container.name}`, fix: suggestSet(path, 'RuntimeDefault') };
    }
  },
};

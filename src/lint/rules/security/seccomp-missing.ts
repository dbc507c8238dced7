import type { LintRule } from '../../rule.ts';
import { containersOf, effective, hasPods, isWindows } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const seccompMissing: LintRule = {
  id: 'security/seccomp-missing',
  severity: 'warning',
  recommended: true,
  podSecurity: 'restricted',
  aliases: ['kube-score:container-seccomp-profile'],
  summary: 'A seccomp profile is set.',
  why: 'Without a profile most clusters let a container make every system call.',
  bad: podExample({}),
  good: podExample({ spec: 'securityContext:\n  seccompProfile:\n    type: RuntimeDefault' }),
  appliesTo: hasPods,
  *check(subject) {
    if (isWindows(subject)) return;
    for (const view of containersOf(subject)) {
      const { value } = effective(view, 'seccompProfile');
      if (value !== undefined) continue;
      const { container, pod, at } = view;
      const fix = suggestSet([...pod.path, 'securityContext', 'seccompProfile'], { type: 'RuntimeDefault' });
      yield { path: at(), message: `container ${container.name} has no seccomp profile`, fix };
    }
  },
};

import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const privileged: LintRule = {
  id: 'security/privileged',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  aliases: [
    'kube-linter:privileged-container',
    'kube-score:container-security-context-privileged',
    'kube-score:container-security-context',
  ],
  summary: 'Containers do not run privileged.',
  why: 'A privileged container has every capability and every device of its node: who takes it over has the machine.',
  bad: podExample({ container: 'securityContext:\n  privileged: true' }),
  good: podExample({ container: 'securityContext:\n  privileged: false' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      if (container.securityContext?.privileged !== true) continue;
      const path = at('securityContext', 'privileged');
      yield { path, message: `container ${container.name} runs privileged`, fix: suggestSet(path, false) };
    }
  },
};

import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const procMount: LintRule = {
  id: 'security/proc-mount',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  aliases: ['kube-linter:unsafe-proc-mount'],
  summary: '/proc is masked as usual.',
  why: 'Unmasked, /proc shows and takes settings of the kernel. With user namespaces of its own the pod may have it.',
  bad: podExample({ container: 'securityContext:\n  procMount: Unmasked', spec: 'hostUsers: true' }),
  good: podExample({ container: 'securityContext:\n  procMount: Default' }),
  appliesTo: hasPods,
  *check(subject, _around, _options, minor) {
    // Kubernetes 1.35 relaxed the standards for pods with user namespaces of their own (KEP-127).
    if (minor >= 35 && subject.pod?.spec.hostUsers === false) return;
    for (const { container, at } of containersOf(subject)) {
      const value = container.securityContext?.procMount ?? 'Default';
      if (value === 'Default') continue;
      yield { path: at('securityContext', 'procMount'), message: `container ${container.name} sees /proc unmasked` };
    }
  },
};

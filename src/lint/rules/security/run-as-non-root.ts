import type { LintRule } from '../../rule.ts';
import { containersOf, effective, hasPods, isWindows } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const runAsNonRoot: LintRule = {
  id: 'security/run-as-non-root',
  severity: 'warning',
  recommended: true,
  podSecurity: 'restricted',
  aliases: ['kube-linter:run-as-non-root'],
  summary: 'runAsNonRoot is true for every container.',
  why: 'Many images start as root unless they are kept from it; with runAsNonRoot the kubelet refuses to start those.',
  bad: podExample({}),
  good: podExample({ spec: 'securityContext:\n  runAsNonRoot: true' }),
  appliesTo: hasPods,
  *check(subject) {
    if (isWindows(subject) || subject.pod?.spec.hostUsers === false) return;
    for (const view of containersOf(subject)) {
      const { value, path } = effective(view, 'runAsNonRoot');
      if (value === true) continue;
      const { container, pod } = view;
      const message = `container ${container.name} may run as root: runAsNonRoot is not true`;
      yield {
        path,
        message,
        fix: suggestSet(value === false ? path : [...pod.path, 'securityContext', 'runAsNonRoot'], true),
      };
    }
  },
};

import type { LintRule } from '../../rule.ts';
import { containersOf, effective, hasPods } from '../../selectors.ts';
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
  *check(subject, _around, _options, minor) {
    const { pod } = subject;
    // Kubernetes 1.35 relaxed the standards for pods with user namespaces of their own (KEP-127).
    if (minor >= 35 && pod?.spec.hostUsers === false) return;
    if (pod?.spec.securityContext?.runAsNonRoot === false) {
      const path = [...pod.path, 'securityContext', 'runAsNonRoot'];
      yield { path, message: 'the pod is allowed to run as root', fix: suggestSet(path, true) };
    }
    for (const view of containersOf(subject)) {
      const { value, path } = effective(view, 'runAsNonRoot');
      const { container } = view;
      // Said of the pod already.
      if (value === true || (value === false && container.securityContext?.runAsNonRoot === undefined)) continue;
      const message = `container ${container.name} may run as root: runAsNonRoot is not true`;
      yield {
        path,
        message,
        fix: suggestSet(value === false ? path : [...view.pod.path, 'securityContext', 'runAsNonRoot'], true),
      };
    }
  },
};

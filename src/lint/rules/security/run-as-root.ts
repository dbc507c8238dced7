import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const runAsRoot: LintRule = {
  id: 'security/run-as-root',
  severity: 'error',
  recommended: true,
  podSecurity: 'restricted',
  summary: 'Nothing is told to run as user 0.',
  why: 'Root in a container is root for the kernel: a hole in the runtime or a mounted folder is open to it.',
  bad: podExample({ container: 'securityContext:\n  runAsUser: 0' }),
  good: podExample({ container: 'securityContext:\n  runAsUser: 10001' }),
  appliesTo: hasPods,
  *check(subject, _around, _options, minor) {
    const { pod } = subject;
    // Kubernetes 1.35 relaxed the standards for pods with user namespaces of their own (KEP-127).
    if (minor >= 35 && pod?.spec.hostUsers === false) return;
    if (pod?.spec.securityContext?.runAsUser === 0) {
      yield { path: [...pod.path, 'securityContext', 'runAsUser'], message: 'the pod is told to run as root' };
    }
    for (const { container, at } of containersOf(subject)) {
      if (container.securityContext?.runAsUser !== 0) continue;
      yield { path: at('securityContext', 'runAsUser'), message: `container ${container.name} is told to run as root` };
    }
  },
};

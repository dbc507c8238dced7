import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const hostProcess: LintRule = {
  id: 'security/host-process',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'No container is a process of its Windows node.',
  why: 'HostProcess containers run on the node itself, without any wall around them.',
  bad: podExample({
    spec: "os:\n  name: windows\nhostNetwork: true\nsecurityContext:\n  windowsOptions:\n    hostProcess: true\n    runAsUserName: 'NT AUTHORITY\\SYSTEM'",
  }),
  good: podExample({ spec: 'os:\n  name: windows' }),
  appliesTo: hasPods,
  *check(subject) {
    const { pod } = subject;
    if (pod?.spec.securityContext?.windowsOptions?.hostProcess === true) {
      const path = [...pod.path, 'securityContext', 'windowsOptions', 'hostProcess'];
      yield { path, message: 'the pod runs as processes of its node' };
    }
    for (const { container, at } of containersOf(subject)) {
      if (container.securityContext?.windowsOptions?.hostProcess !== true) continue;
      const path = at('securityContext', 'windowsOptions', 'hostProcess');
      yield { path, message: `container ${container.name} runs as a process of its node` };
    }
  },
};

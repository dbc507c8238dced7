import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const rootGroup: LintRule = {
  id: 'security/root-group',
  severity: 'warning',
  recommended: true,
  summary: 'Nothing runs with group 0.',
  why: 'Files of the group root are often writable for the group, on the node and in images.',
  bad: podExample({ spec: 'securityContext:\n  runAsGroup: 0' }),
  good: podExample({ spec: 'securityContext:\n  runAsGroup: 10001' }),
  appliesTo: hasPods,
  *check(subject) {
    const { pod } = subject;
    const shared = pod?.spec.securityContext;
    if (pod && shared?.runAsGroup === 0) {
      yield { path: [...pod.path, 'securityContext', 'runAsGroup'], message: 'the pod runs with the group root' };
    }
    for (const [index, group] of (shared?.supplementalGroups ?? []).entries()) {
      if (group !== 0 || !pod) continue;
      const path = [...pod.path, 'securityContext', 'supplementalGroups', index];
      yield { path, message: 'the pod has root among its groups' };
    }
    for (const { container, at } of containersOf(subject)) {
      if (container.securityContext?.runAsGroup !== 0) continue;
      yield {
        path: at('securityContext', 'runAsGroup'),
        message: `container ${container.name} runs with the group root`,
      };
    }
  },
};

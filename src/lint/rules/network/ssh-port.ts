import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const sshPort: LintRule = {
  id: 'network/ssh-port',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:ssh-port'],
  summary: 'Containers do not listen for SSH.',
  why: 'kubectl exec does the same with the access control and the audit of the cluster.',
  bad: podExample({ container: 'ports:\n  - containerPort: 22' }),
  good: podExample({ container: 'ports:\n  - containerPort: 8080' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      for (const [index, { containerPort, protocol = 'TCP' }] of (container.ports ?? []).entries()) {
        if (containerPort !== 22 || protocol !== 'TCP') continue;
        yield { path: at('ports', index, 'containerPort'), message: `container ${container.name} listens for SSH` };
      }
    }
  },
};

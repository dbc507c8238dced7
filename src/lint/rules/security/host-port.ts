import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestRemove } from '../changes.ts';
import { podExample } from '../example.ts';

export const hostPort: LintRule = {
  id: 'security/host-port',
  severity: 'warning',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'Containers do not take ports of their node.',
  why: 'A port of the node is open to everybody who reaches the node, and only one pod per node can have it.',
  bad: podExample({ container: 'ports:\n  - containerPort: 8080\n    hostPort: 8080' }),
  good: podExample({ container: 'ports:\n  - containerPort: 8080' }),
  appliesTo: hasPods,
  *check(subject) {
    if (subject.pod?.spec.hostNetwork === true) return;
    for (const { container, at } of containersOf(subject)) {
      for (const [index, { hostPort: port = 0 }] of (container.ports ?? []).entries()) {
        if (port === 0) continue;
        const path = at('ports', index, 'hostPort');
        yield { path, message: `container ${container.name} takes port ${port} of its node`, fix: suggestRemove(path) };
      }
    }
  },
};

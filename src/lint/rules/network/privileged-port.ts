import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const privilegedPort: LintRule = {
  id: 'network/privileged-port',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:privileged-ports'],
  summary: 'Containers listen on ports of 1024 or above.',
  why: 'Lower ports need root or a capability; a Service can map them.',
  bad: podExample({ container: 'ports:\n  - containerPort: 80' }),
  good: podExample({ container: 'ports:\n  - containerPort: 8080' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      for (const [index, { containerPort }] of (container.ports ?? []).entries()) {
        if (containerPort >= 1024 || containerPort <= 0) continue;
        yield {
          path: at('ports', index, 'containerPort'),
          message: `port ${containerPort} needs rights that the container should not have`,
        };
      }
    }
  },
};

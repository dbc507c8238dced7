import type { LintRule } from '../../rule.ts';
import { hasPods, lastingContainersOf, runsToAnEnd } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const livenessMissing: LintRule = {
  id: 'reliability/liveness-missing',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:no-liveness-probe', 'kube-score:pod-probes'],
  summary: 'Containers that last have a liveness probe.',
  why: 'A process that hangs stays as it is without one. (One that exits is restarted anyway.)',
  bad: deploymentExample(),
  good: deploymentExample({ container: 'livenessProbe:\n  httpGet:\n    path: /live\n    port: 8080' }),
  appliesTo: hasPods,
  *check(subject) {
    if (runsToAnEnd(subject)) return;
    for (const { container, at } of lastingContainersOf(subject)) {
      if (!container.livenessProbe) yield { path: at(), message: `container ${container.name} has no liveness probe` };
    }
  },
};

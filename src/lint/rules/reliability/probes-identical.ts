import type { LintRule } from '../../rule.ts';
import { hasPods, lastingContainersOf } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { deepEqual } from '../../../shared/deep.ts';

export const probesIdentical: LintRule = {
  id: 'reliability/probes-identical',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-score:pod-probes-identical'],
  summary: 'Liveness and readiness are asked differently.',
  why: 'A pod that is only busy for a moment should get no requests, not be killed.',
  bad: podExample({
    container:
      'livenessProbe:\n  httpGet:\n    path: /health\n    port: 8080\nreadinessProbe:\n  httpGet:\n    path: /health\n    port: 8080',
  }),
  good: podExample({
    container:
      'livenessProbe:\n  httpGet:\n    path: /live\n    port: 8080\nreadinessProbe:\n  httpGet:\n    path: /ready\n    port: 8080',
  }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of lastingContainersOf(subject)) {
      const { livenessProbe: liveness, readinessProbe: readiness } = container;
      if (!liveness || !readiness || !deepEqual(liveness, readiness)) continue;
      yield {
        path: at('livenessProbe'),
        message: `container ${container.name} is killed whenever it is not ready`,
        part: 'key',
      };
    }
  },
};

import type { LintRule } from '../../rule.ts';
import { hasPods, lastingContainersOf } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const probeValues: LintRule = {
  id: 'reliability/probe-values',
  severity: 'info',
  recommended: true,
  summary: 'The numbers of a probe fit together.',
  why: 'A probe that may take longer than the time to the next one, or that begins after a quarter of an hour, helps nobody.',
  bad: podExample({
    container: 'livenessProbe:\n  periodSeconds: 5\n  timeoutSeconds: 30\n  httpGet:\n    path: /\n    port: 8080',
  }),
  good: podExample({
    container: 'livenessProbe:\n  periodSeconds: 10\n  timeoutSeconds: 2\n  httpGet:\n    path: /\n    port: 8080',
  }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of lastingContainersOf(subject)) {
      for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
        const {
          timeoutSeconds: timeout = 1,
          periodSeconds: period = 10,
          initialDelaySeconds: delay = 0,
        } = container[name] ?? {};
        if (timeout > period)
          yield {
            path: at(name, 'timeoutSeconds'),
            message: `may take ${timeout} s but is asked again every ${period} s`,
          };
        if (delay > 600)
          yield {
            path: at(name, 'initialDelaySeconds'),
            message: `begins after ${delay} s only; a startup probe waits as long as needed`,
          };
      }
    }
  },
};

import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { compareQuantities } from '../../../types/quantity.ts';

export const requestsEqualLimits: LintRule = {
  id: 'resources/requests-equal-limits',
  severity: 'info',
  recommended: false,
  aliases: [
    'kube-score:container-resource-requests-equal-limits',
    'kube-score:container-cpu-requests-equal-limits',
    'kube-score:container-memory-requests-equal-limits',
  ],
  summary: 'Requests and limits are the same.',
  why: 'Then the pod is of the class Guaranteed: it is evicted last, and what it may use is what it was promised.',
  bad: podExample({ container: 'resources:\n  requests:\n    cpu: 100m\n  limits:\n    cpu: 200m' }),
  good: podExample({ container: 'resources:\n  requests:\n    cpu: 200m\n  limits:\n    cpu: 200m' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const { requests = {}, limits = {} } = container.resources ?? {};
      for (const name of ['cpu', 'memory']) {
        const [request, limit] = [requests[name], limits[name]];
        if (request === undefined || limit === undefined || compareQuantities(request, limit) === 0) continue;
        yield {
          path: at('resources', 'requests', { key: name }),
          message: `container ${container.name} may use more ${name} than it requests`,
        };
      }
    }
  },
};

import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { lacking } from './requirements.ts';

export const cpuRequest: LintRule = {
  id: 'resources/cpu-request',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:unset-cpu-requirements', 'kube-score:container-resources'],
  summary: 'Every container requests CPU.',
  why: 'Without a request the scheduler believes that the container needs nothing, and it gets the least when CPU is short.',
  bad: podExample({}),
  good: podExample({ container: 'resources:\n  requests:\n    cpu: 100m' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of lacking(subject, 'requests', 'cpu')) {
      yield { path: at('resources'), message: `container ${container.name} requests no CPU`, part: 'key' };
    }
  },
};

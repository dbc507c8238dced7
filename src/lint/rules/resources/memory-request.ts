import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { lacking } from './requirements.ts';

export const memoryRequest: LintRule = {
  id: 'resources/memory-request',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:unset-memory-requirements', 'kube-score:container-resources'],
  summary: 'Every container requests memory.',
  why: 'Without a request the scheduler packs nodes too full, and the container is among the first to be evicted.',
  bad: podExample({}),
  good: podExample({ container: 'resources:\n  requests:\n    memory: 64Mi' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of lacking(subject, 'requests', 'memory')) {
      yield { path: at('resources'), message: `container ${container.name} requests no memory`, part: 'key' };
    }
  },
};

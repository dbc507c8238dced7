import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { lacking } from './requirements.ts';

export const memoryLimit: LintRule = {
  id: 'resources/memory-limit',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-score:container-resources', 'kube-linter:unset-memory-requirements'],
  summary: 'Every container has a memory limit.',
  why: 'A leak in one container otherwise takes the memory of everything on the node.',
  bad: podExample({}),
  good: podExample({ container: 'resources:\n  limits:\n    memory: 128Mi' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of lacking(subject, 'limits', 'memory')) {
      yield { path: at('resources'), message: `container ${container.name} has no memory limit`, part: 'key' };
    }
  },
};

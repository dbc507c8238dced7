import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { lacking } from './requirements.ts';

export const cpuLimit: LintRule = {
  id: 'resources/cpu-limit',
  severity: 'info',
  recommended: false,
  aliases: ['kube-score:container-resources', 'kube-linter:unset-cpu-requirements'],
  summary: 'Every container has a CPU limit.',
  why: 'With a limit a container runs equally fast on every node. Opinions differ: a limit also throttles where CPU is free.',
  bad: podExample({}),
  good: podExample({ container: 'resources:\n  limits:\n    cpu: "1"' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of lacking(subject, 'limits', 'cpu')) {
      yield { path: at('resources'), message: `container ${container.name} has no CPU limit`, part: 'key' };
    }
  },
};

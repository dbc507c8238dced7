import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const priorityClass: LintRule = {
  id: 'reliability/priority-class',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:priority-class-name'],
  options: { accepted: [] },
  summary: 'Pods have a priority class (one of the option `accepted`, if that is set).',
  why: 'When nodes are full, priorities decide who waits and who is evicted.',
  bad: deploymentExample(),
  good: deploymentExample({ spec: 'priorityClassName: web' }),
  appliesTo: hasPods,
  *check({ pod }, _around, { accepted }) {
    if (!pod) return;
    const names = Array.isArray(accepted) ? accepted.filter((one) => typeof one === 'string') : [];
    const name = pod.spec.priorityClassName ?? '';
    if (name === '') yield { path: pod.path, message: 'the pod has no priority class', part: 'key' };
    else if (names.length > 0 && !names.includes(name))
      yield { path: [...pod.path, 'priorityClassName'], message: `${name} is none of ${names.join(', ')}` };
  },
};

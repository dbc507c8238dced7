import { Pod } from '../../../types/kinds/core/pod.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const restartPolicy: LintRule = {
  id: 'reliability/restart-policy',
  severity: 'warning',
  recommended: false,
  aliases: ['kube-linter:restart-policy'],
  summary: 'A pod on its own is restarted when it fails.',
  why: 'With Never it stays dead after the first failure.',
  bad: podExample({ spec: 'restartPolicy: Never' }),
  good: podExample({ spec: 'restartPolicy: Always' }),
  appliesTo: isOneOf(Pod),
  *check({ pod }) {
    if (pod?.spec.restartPolicy !== 'Never') return;
    yield { path: [...pod.path, 'restartPolicy'], message: 'the pod stays dead after a failure' };
  },
};

import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { suggestRemove } from '../changes.ts';
import { podExample } from '../example.ts';

export const hostPid: LintRule = {
  id: 'security/host-pid',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  aliases: ['kube-linter:host-pid'],
  summary: 'Pods do not see the processes of their node.',
  why: 'Who sees the processes of the node reads their environment, and with a little more can signal and enter them.',
  bad: podExample({ spec: 'hostPID: true' }),
  good: podExample({}),
  appliesTo: hasPods,
  *check({ pod }) {
    if (pod?.spec.hostPID !== true) return;
    const path = [...pod.path, 'hostPID'];
    yield { path, message: 'the pod sees the processes of its node', fix: suggestRemove(path) };
  },
};

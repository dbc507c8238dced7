import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { suggestRemove } from '../changes.ts';
import { podExample } from '../example.ts';

export const hostIpc: LintRule = {
  id: 'security/host-ipc',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  aliases: ['kube-linter:host-ipc'],
  summary: 'Pods do not share the memory segments of their node.',
  why: 'Shared memory and semaphores of programs on the node are open to the pod.',
  bad: podExample({ spec: 'hostIPC: true' }),
  good: podExample({}),
  appliesTo: hasPods,
  *check({ pod }) {
    if (pod?.spec.hostIPC !== true) return;
    const path = [...pod.path, 'hostIPC'];
    yield { path, message: 'the pod shares the memory segments of its node', fix: suggestRemove(path) };
  },
};

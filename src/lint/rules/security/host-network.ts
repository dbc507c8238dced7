import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { suggestRemove } from '../changes.ts';
import { podExample } from '../example.ts';

export const hostNetwork: LintRule = {
  id: 'security/host-network',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  aliases: ['kube-linter:host-network'],
  summary: 'Pods do not use the network of their node.',
  why: 'On the network of the node a pod reaches what listens on its loopback only, sees its traffic and escapes network policies.',
  bad: podExample({ spec: 'hostNetwork: true' }),
  good: podExample({}),
  appliesTo: hasPods,
  *check({ pod }) {
    if (pod?.spec.hostNetwork !== true) return;
    const path = [...pod.path, 'hostNetwork'];
    yield { path, message: 'the pod uses the network of its node', fix: suggestRemove(path) };
  },
};

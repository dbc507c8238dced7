import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const nodeAffinity: LintRule = {
  id: 'reliability/node-affinity',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:no-node-affinity'],
  summary: 'Pods say which nodes they are for.',
  why: 'In clusters with several kinds of machines a pod lands on any of them otherwise.',
  bad: deploymentExample(),
  good: deploymentExample({ spec: 'nodeSelector:\n  kubernetes.io/arch: amd64' }),
  appliesTo: hasPods,
  *check({ pod }) {
    if (!pod || pod.spec.affinity?.nodeAffinity || Object.keys(pod.spec.nodeSelector ?? {}).length > 0) return;
    yield { path: pod.path, message: 'the pod may run on any kind of node', part: 'key' };
  },
};

import type { LintRule } from '../../rule.ts';
import { hasReplicas } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const topologySpread: LintRule = {
  id: 'reliability/topology-spread',
  severity: 'info',
  recommended: false,
  aliases: ['kube-score:pod-topology-spread-constraints'],
  summary: 'Pods have topology spread constraints.',
  why: 'They keep replicas in several zones, also while nodes come and go.',
  bad: deploymentExample(),
  good: deploymentExample({
    spec: 'topologySpreadConstraints:\n  - maxSkew: 1\n    topologyKey: topology.kubernetes.io/zone\n    whenUnsatisfiable: ScheduleAnyway\n    labelSelector:\n      matchLabels:\n        app: web',
  }),
  appliesTo: hasReplicas,
  *check({ pod }) {
    if (!pod || (pod.spec.topologySpreadConstraints ?? []).length > 0) return;
    yield { path: pod.path, message: 'there are no topology spread constraints', part: 'key' };
  },
};

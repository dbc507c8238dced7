import type { LintRule } from '../../rule.ts';
import { hasReplicas, valueAt } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const antiAffinity: LintRule = {
  id: 'reliability/anti-affinity',
  severity: 'info',
  recommended: false,
  aliases: [
    'kube-linter:no-anti-affinity',
    'kube-score:deployment-has-host-podantiaffinity',
    'kube-score:statefulset-has-host-podantiaffinity',
  ],
  summary: 'Several replicas are spread over nodes.',
  why: 'Otherwise all of them may stand on one node and go with it.',
  bad: deploymentExample({ deployment: 'replicas: 3' }),
  good: deploymentExample({
    deployment: 'replicas: 3',
    spec: 'topologySpreadConstraints:\n  - maxSkew: 1\n    topologyKey: kubernetes.io/hostname\n    whenUnsatisfiable: ScheduleAnyway\n    labelSelector:\n      matchLabels:\n        app: web',
  }),
  appliesTo: hasReplicas,
  *check({ object, pod }) {
    const replicas = valueAt(object, ['spec', 'replicas']);
    if (!pod || typeof replicas !== 'number' || replicas < 2) return;
    if (pod.spec.affinity?.podAntiAffinity || (pod.spec.topologySpreadConstraints ?? []).length > 0) return;
    yield { path: pod.path, message: `nothing spreads the ${replicas} replicas over nodes`, part: 'key' };
  },
};

import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { deploymentExample, documents } from '../example.ts';

export const noPolicy: LintRule = {
  id: 'network/no-policy',
  severity: 'info',
  recommended: false,
  looksAround: true,
  aliases: ['kube-linter:non-isolated-pod', 'kube-score:pod-networkpolicy'],
  summary: 'A network policy selects the pods.',
  why: 'Without one everything in the cluster may talk to them, and they to everything.',
  bad: deploymentExample(),
  good: documents(
    deploymentExample(),
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: web\nspec:\n  podSelector:\n    matchLabels:\n      app: web\n  policyTypes: [Ingress]\n',
  ),
  appliesTo: hasPods,
  *check(subject, around) {
    const { pod } = subject;
    if (!pod || around.selecting('networking.k8s.io', 'NetworkPolicy').length > 0) return;
    yield {
      path: pod.metadata?.labels ? [...pod.metadataPath, 'labels'] : pod.path,
      message: 'no network policy selects these pods',
      part: 'key',
    };
  },
};

import { NetworkPolicy } from '../../../types/kinds/networking/network-policy.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { deploymentExample, documents } from '../example.ts';
import { isEmptySelector } from '../../../types/validation/label-selector.ts';

const policy = (label: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: web\nspec:\n  podSelector:\n    matchLabels:\n      app: ${label}\n  policyTypes: [Ingress]\n`;

export const networkPolicyPods: LintRule = {
  id: 'reference/network-policy-pods',
  severity: 'info',
  recommended: true,
  looksAround: true,
  aliases: [
    'kube-linter:dangling-networkpolicy',
    'kube-score:networkpolicy-targets-pod',
    'kube-linter:dangling-networkpolicypeer-podselector',
  ],
  summary: 'A network policy selects pods.',
  why: 'A policy for nobody protects nobody.',
  bad: documents(policy('wbe'), deploymentExample()),
  good: documents(policy('web'), deploymentExample()),
  appliesTo: isOneOf(NetworkPolicy),
  *check(subject, around) {
    const selector = asKind(NetworkPolicy, subject)?.spec?.podSelector;
    if (!selector || isEmptySelector(selector)) return;
    if (around.podsSelectedBy(selector).length > 0 || around.podsSelectedBy({}).length === 0) return;
    yield { path: ['spec', 'podSelector'], message: 'the policy selects none of the pods here', part: 'key' };
  },
};

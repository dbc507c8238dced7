import { Ingress } from '../../../types/kinds/networking/ingress.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';

const frame = (lines: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\nspec:\n${lines}  rules:\n    - host: shop.example.com\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service:\n                name: web\n                port:\n                  number: 80\n`;

export const ingressTls: LintRule = {
  id: 'network/ingress-tls',
  severity: 'info',
  recommended: false,
  summary: 'An Ingress has TLS.',
  why: 'Without it passwords and cookies go through the network in the clear, unless something in front encrypts.',
  bad: frame(''),
  good: frame('  tls:\n    - hosts: [shop.example.com]\n      secretName: shop-tls\n'),
  appliesTo: isOneOf(Ingress),
  *check(subject) {
    if ((asKind(Ingress, subject)?.spec?.tls ?? []).length > 0) return;
    yield { path: ['spec'], message: 'the Ingress has no TLS' };
  },
};

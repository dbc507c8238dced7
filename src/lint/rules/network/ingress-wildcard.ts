import { Ingress } from '../../../types/kinds/networking/ingress.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';

const frame = (host: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\nspec:\n  rules:\n    - ${host}http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service:\n                name: web\n                port:\n                  number: 80\n`;

export const ingressWildcard: LintRule = {
  id: 'network/ingress-wildcard',
  severity: 'info',
  recommended: false,
  summary: 'The rules of an Ingress name their hosts.',
  why: 'A rule without a host takes the requests for all hosts that nobody else claims.',
  bad: frame(''),
  good: frame('host: shop.example.com\n      '),
  appliesTo: isOneOf(Ingress),
  *check(subject) {
    for (const [index, { host = '' }] of (asKind(Ingress, subject)?.spec?.rules ?? []).entries()) {
      if (host !== '' && !host.startsWith('*')) continue;
      const path = host === '' ? ['spec', 'rules', index] : ['spec', 'rules', index, 'host'];
      yield {
        path,
        message: host === '' ? 'the rule takes requests for any host' : `the rule takes requests for ${host}`,
      };
    }
  },
};

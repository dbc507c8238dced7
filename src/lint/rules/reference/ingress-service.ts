import { Ingress } from '../../../types/kinds/networking/ingress.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf } from '../../selectors.ts';
import { documents, serviceExample } from '../example.ts';
import { backendsOf, ingressExample } from './backends.ts';
import { missing } from './unresolved.ts';

export const ingressService: LintRule = {
  id: 'reference/ingress-service',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:dangling-ingress', 'kube-score:ingress-targets-service'],
  summary: 'Services that an Ingress sends requests to are there, in the same namespace.',
  why: 'Requests are answered with 503 otherwise.',
  bad: documents(serviceExample, ingressExample('wbe', 'number: 80')),
  good: documents(serviceExample, ingressExample('web', 'number: 80')),
  appliesTo: isOneOf(Ingress),
  *check(subject, around) {
    for (const { service, path } of backendsOf(subject)) {
      // What the AWS load balancer controller reads from an annotation instead.
      if (service.port?.name === 'use-annotation') continue;
      const target = { group: '', kind: 'Service', name: service.name, namespaced: true, path: [...path, 'name'] };
      const found = missing(target, around, 'warning');
      if (found) yield found;
    }
  },
};

import { Service } from '../../../types/kinds/core/service.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { serviceExample } from '../example.ts';

export const loadBalancer: LintRule = {
  id: 'network/load-balancer',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:exposed-services'],
  summary: 'Services have no load balancers of their own.',
  why: 'Each is a public address and a bill; an Ingress or a Gateway serves many.',
  bad: `${serviceExample}  type: LoadBalancer\n`,
  good: serviceExample,
  appliesTo: isOneOf(Service),
  *check(subject) {
    const service = asKind(Service, subject);
    if (service?.spec?.type !== 'LoadBalancer') return;
    yield { path: ['spec', 'type'], message: 'the Service gets a load balancer of its own' };
  },
};

import { Service } from '../../../types/kinds/core/service.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { serviceExample } from '../example.ts';

export const nodePort: LintRule = {
  id: 'network/node-port',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:exposed-services', 'kube-score:service-type'],
  summary: 'Services take no ports of all nodes.',
  why: 'A node port is open on every node, past ingress, TLS and access control.',
  bad: `${serviceExample}  type: NodePort\n`,
  good: serviceExample,
  appliesTo: isOneOf(Service),
  *check(subject) {
    if (asKind(Service, subject)?.spec?.type !== 'NodePort') return;
    yield { path: ['spec', 'type'], message: 'the Service is open on every node' };
  },
};

import { Service } from '../../../types/kinds/core/service.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { serviceExample } from '../example.ts';

export const externalIps: LintRule = {
  id: 'network/external-ips',
  severity: 'warning',
  recommended: true,
  summary: 'Services take no external addresses.',
  why: 'With externalIPs a Service takes over the traffic to any address that is routed to the nodes (CVE-2020-8554).',
  bad: `${serviceExample}  externalIPs:\n    - 203.0.113.7\n`,
  good: serviceExample,
  appliesTo: isOneOf(Service),
  *check(subject) {
    if ((asKind(Service, subject)?.spec?.externalIPs ?? []).length === 0) return;
    yield { path: ['spec', 'externalIPs'], message: 'the Service takes over traffic to these addresses', part: 'key' };
  },
};

import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const dnsNdots: LintRule = {
  id: 'style/dns-ndots',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:dnsconfig-options'],
  summary: 'ndots is set to 2 or less.',
  why: 'With the usual 5 every name of the outside world is looked for in all search domains of the cluster first.',
  bad: deploymentExample(),
  good: deploymentExample({ spec: 'dnsConfig:\n  options:\n    - name: ndots\n      value: "2"' }),
  appliesTo: hasPods,
  *check({ pod }) {
    if (!pod) return;
    const value = (pod.spec.dnsConfig?.options ?? []).find(({ name }) => name === 'ndots')?.value;
    if (value !== undefined && Number(value) <= 2) return;
    yield { path: pod.path, message: 'names of the outside world are looked for in the cluster first', part: 'key' };
  },
};

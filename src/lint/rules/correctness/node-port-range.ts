import { Service } from '../../../types/kinds/core/service.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { serviceExample } from '../example.ts';

const example = (port: number): string =>
  serviceExample.replace('port: 80', `port: 80\n      nodePort: ${port}`) + '  type: NodePort\n';

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

export const nodePortRange: LintRule = {
  id: 'correctness/node-port-range',
  severity: 'error',
  recommended: true,
  certain: true,
  options: { from: 30_000, to: 32_767 },
  summary: 'Node ports lie in the range that clusters set aside for them.',
  why: 'The API server refuses other ports. A cluster that was told of another range (--service-node-port-range) is told of here as well.',
  bad: example(8080),
  good: example(30_080),
  appliesTo: isOneOf(Service),
  *check(subject, _around, options) {
    const [from, to] = [numberOr(options['from'], 30_000), numberOr(options['to'], 32_767)];
    const spec = asKind(Service, subject)?.spec;
    if (spec?.type !== 'NodePort' && spec?.type !== 'LoadBalancer') return;
    for (const [index, { nodePort = 0 }] of (spec.ports ?? []).entries()) {
      if (nodePort === 0 || (nodePort >= from && nodePort <= to)) continue;
      const message = `the node port ${nodePort} is not between ${from} and ${to}`;
      yield { path: ['spec', 'ports', index, 'nodePort'], message };
    }
  },
};

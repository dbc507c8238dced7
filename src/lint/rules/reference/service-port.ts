import { Service } from '../../../types/kinds/core/service.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf, lastingContainersOf } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { deploymentExample, documents, serviceExample } from '../example.ts';
import { certainty } from './certainty.ts';
import { nearest } from '../../../compiler/nearest.ts';

export const servicePort: LintRule = {
  id: 'reference/service-port',
  severity: 'error',
  recommended: true,
  certain: true,
  looksAround: true,
  summary: 'Ports that a Service names are ports of its pods.',
  why: 'The Service gets no endpoints for a name that no container has.',
  bad: documents(
    serviceExample.replace('targetPort: 8080', 'targetPort: htpt'),
    deploymentExample({ container: 'ports:\n  - name: http\n    containerPort: 8080' }),
  ),
  good: documents(
    serviceExample.replace('targetPort: 8080', 'targetPort: http'),
    deploymentExample({ container: 'ports:\n  - name: http\n    containerPort: 8080' }),
  ),
  appliesTo: isOneOf(Service),
  *check(subject, around) {
    const { selector, ports = [] } = asKind(Service, subject)?.spec ?? {};
    if (!selector || Object.keys(selector).length === 0) return;
    const pods = around.podsSelectedBy({ matchLabels: selector });
    if (pods.length === 0) return;
    const names = pods.flatMap((pod) =>
      lastingContainersOf(pod).flatMap(({ container }) => (container.ports ?? []).flatMap(({ name }) => name ?? [])),
    );
    const sure = certainty(subject, pods);
    for (const [index, { targetPort }] of ports.entries()) {
      if (typeof targetPort !== 'string' || names.includes(targetPort)) continue;
      const similar = nearest(targetPort, names);
      const path = ['spec', 'ports', index, 'targetPort'];
      const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
      const fix = similar === undefined ? {} : { fix: suggestSet(path, similar) };
      yield {
        path,
        message: `no container behind the Service has a port called ${targetPort}${hint}`,
        ...fix,
        ...sure,
      };
    }
  },
};

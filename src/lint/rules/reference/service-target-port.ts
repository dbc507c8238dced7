import { Service } from '../../../types/kinds/core/service.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf, lastingContainersOf } from '../../selectors.ts';
import { deploymentExample, documents, serviceExample } from '../example.ts';

export const serviceTargetPort: LintRule = {
  id: 'reference/service-target-port',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'A Service points at a port that its pods declare.',
  why: 'Containers need not declare their ports; but where they do, another number is most often a slip.',
  bad: documents(
    serviceExample.replace('8080', '8000'),
    deploymentExample({ container: 'ports:\n  - containerPort: 8080' }),
  ),
  good: documents(serviceExample, deploymentExample({ container: 'ports:\n  - containerPort: 8080' })),
  appliesTo: isOneOf(Service),
  *check(subject, around) {
    const { selector, ports = [] } = asKind(Service, subject)?.spec ?? {};
    if (!selector || Object.keys(selector).length === 0) return;
    const pods = around.podsSelectedBy({ matchLabels: selector });
    const declared = pods.map((pod) =>
      lastingContainersOf(pod).flatMap(({ container }) =>
        (container.ports ?? []).map(({ containerPort }) => containerPort),
      ),
    );
    if (pods.length === 0 || declared.some((list) => list.length === 0)) return;
    for (const [index, { port, targetPort = port }] of ports.entries()) {
      if (typeof targetPort !== 'number' || declared.some((list) => list.includes(targetPort))) continue;
      const field = ports[index]?.targetPort === undefined ? 'port' : 'targetPort';
      const numbers = [...new Set(declared.flat())].join(', ');
      yield {
        path: ['spec', 'ports', index, field],
        message: `the pods behind the Service declare port ${numbers}, not ${targetPort}`,
      };
    }
  },
};

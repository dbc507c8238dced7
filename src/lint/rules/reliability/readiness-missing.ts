import type { LintRule } from '../../rule.ts';
import { hasPods, lastingContainersOf } from '../../selectors.ts';
import { deploymentExample, documents, serviceExample } from '../example.ts';

export const readinessMissing: LintRule = {
  id: 'reliability/readiness-missing',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:no-readiness-probe', 'kube-score:pod-probes'],
  summary: 'Containers behind a Service have a readiness probe.',
  why: 'Without one a pod gets requests as soon as its process starts, long before it can answer.',
  bad: documents(serviceExample, deploymentExample({ container: 'ports:\n  - containerPort: 8080' })),
  good: documents(
    serviceExample,
    deploymentExample({
      container: 'ports:\n  - containerPort: 8080\nreadinessProbe:\n  httpGet:\n    path: /ready\n    port: 8080',
    }),
  ),
  appliesTo: hasPods,
  *check(subject, around) {
    const [service] = around.selecting('', 'Service');
    const containers = lastingContainersOf(subject);
    if (!service || containers.some(({ container }) => container.readinessProbe)) return;
    const first = containers.find(({ container }) => (container.ports ?? []).length > 0) ?? containers.at(-1);
    if (!first) return;
    const message = `container ${first.container.name} is behind the Service ${service.object.metadata.name} but has no readiness probe`;
    yield { path: first.at(), message };
  },
};

import type { LintRule } from '../../rule.ts';
import { hasPods, lastingContainersOf } from '../../selectors.ts';
import { deploymentExample, documents, serviceExample } from '../example.ts';

export const preStop: LintRule = {
  id: 'reliability/pre-stop',
  severity: 'info',
  recommended: false,
  looksAround: true,
  summary: 'Containers behind a Service have a preStop hook.',
  why: 'Requests still come for a moment after a pod was told to stop; a short sleep lets them be answered.',
  bad: documents(serviceExample, deploymentExample()),
  good: documents(
    serviceExample,
    deploymentExample({ container: 'lifecycle:\n  preStop:\n    sleep:\n      seconds: 5' }),
  ),
  appliesTo: hasPods,
  *check(subject, around) {
    if (around.selecting('', 'Service').length === 0) return;
    const containers = lastingContainersOf(subject);
    const [first] = containers;
    if (!first || containers.some(({ container }) => container.lifecycle?.preStop)) return;
    yield { path: first.at(), message: `container ${first.container.name} has no preStop hook` };
  },
};

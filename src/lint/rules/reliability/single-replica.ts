import type { LintRule } from '../../rule.ts';
import { hasReplicas, valueAt } from '../../selectors.ts';
import { deploymentExample, documents, serviceExample } from '../example.ts';

export const singleReplica: LintRule = {
  id: 'reliability/single-replica',
  severity: 'warning',
  recommended: false,
  looksAround: true,
  aliases: ['kube-linter:minimum-three-replicas', 'kube-score:deployment-replicas'],
  options: { minimum: 2 },
  summary: 'What is behind a Service has two replicas or more (option `minimum`).',
  why: 'With one replica every restart and every drained node is an outage.',
  bad: documents(serviceExample, deploymentExample({ deployment: 'replicas: 1' })),
  good: documents(serviceExample, deploymentExample({ deployment: 'replicas: 2' })),
  appliesTo: hasReplicas,
  *check(subject, around, { minimum }) {
    const least = typeof minimum === 'number' ? minimum : 2;
    const written = valueAt(subject.object, ['spec', 'replicas']);
    const replicas = typeof written === 'number' ? written : 1;
    if (replicas >= least || replicas === 0 || around.selecting('', 'Service').length === 0) return;
    const { name } = subject.object.metadata;
    const scaled = around
      .neighbours('autoscaling', 'HorizontalPodAutoscaler')
      .some(
        ({ object }) =>
          valueAt(object, ['spec', 'scaleTargetRef', 'name']) === name &&
          valueAt(object, ['spec', 'scaleTargetRef', 'kind']) === subject.object.kind,
      );
    if (!scaled)
      yield {
        path: ['spec', 'replicas'],
        message: `runs ${replicas === 1 ? 'one replica' : `${replicas} replicas`} behind a Service`,
      };
  },
};

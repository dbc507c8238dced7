import type { LintRule } from '../../rule.ts';
import { hasReplicas, valueAt } from '../../selectors.ts';
import { deploymentExample, documents, serviceExample } from '../example.ts';

export const recreateStrategy: LintRule = {
  id: 'reliability/recreate-strategy',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:no-rolling-update-strategy', 'kube-score:deployment-strategy'],
  summary: 'What is behind a Service is replaced bit by bit.',
  why: 'Recreate stops all pods before the first new one starts: every release is an outage.',
  bad: documents(serviceExample, deploymentExample({ deployment: 'strategy:\n  type: Recreate' })),
  good: documents(serviceExample, deploymentExample({ deployment: 'strategy:\n  type: RollingUpdate' })),
  appliesTo: hasReplicas,
  *check(subject, around) {
    const path = ['spec', 'strategy', 'type'];
    if (valueAt(subject.object, path) !== 'Recreate' || around.selecting('', 'Service').length === 0) return;
    // With a disk that only one pod can have there is no other way.
    if ((subject.pod?.spec.volumes ?? []).some(({ persistentVolumeClaim }) => persistentVolumeClaim)) return;
    yield { path, message: 'nothing answers behind the Service while pods are replaced' };
  },
};

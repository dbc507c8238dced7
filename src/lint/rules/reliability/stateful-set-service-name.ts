import { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

export const statefulSetServiceName: LintRule = {
  id: 'reliability/stateful-set-service-name',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-score:statefulset-has-servicename'],
  summary: 'A StatefulSet names its Service.',
  why: 'Without it the pods have no names of their own in the DNS, which is what most StatefulSets are for.',
  bad: deploymentExample({ kind: 'StatefulSet' }),
  good: deploymentExample({ kind: 'StatefulSet', deployment: 'serviceName: web' }),
  appliesTo: isOneOf(StatefulSet),
  *check(subject) {
    if ((asKind(StatefulSet, subject)?.spec?.serviceName ?? '') !== '') return;
    yield { path: ['spec'], message: 'serviceName is not set: the pods get no names in the DNS' };
  },
};

import { Service } from '../../../types/kinds/core/service.ts';
import { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { deploymentExample, documents, serviceExample } from '../example.ts';
import { missing } from './unresolved.ts';

const headless = serviceExample.replace('spec:\n', 'spec:\n  clusterIP: None\n');

export const statefulSetService: LintRule = {
  id: 'reference/stateful-set-service',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'The Service of a StatefulSet is there and is headless.',
  why: 'Only a headless Service gives each of the pods a name.',
  bad: documents(serviceExample, deploymentExample({ kind: 'StatefulSet', deployment: 'serviceName: web' })),
  good: documents(headless, deploymentExample({ kind: 'StatefulSet', deployment: 'serviceName: web' })),
  appliesTo: isOneOf(StatefulSet),
  *check(subject, around) {
    const name = asKind(StatefulSet, subject)?.spec?.serviceName ?? '';
    if (name === '') return;
    const path = ['spec', 'serviceName'];
    const target = { group: '', kind: 'Service', name, namespaced: true };
    const absent = missing({ ...target, path }, around, 'warning');
    if (absent) yield absent;
    const located = around.locate(target);
    const services = located.answer === 'here' ? located.objects.flatMap((one) => asKind(Service, one) ?? []) : [];
    if (services.length === 0 || services.some(({ spec }) => spec?.clusterIP === 'None')) return;
    yield { path, message: `the Service ${name} is not headless (clusterIP: None), so that the pods have no names` };
  },
};

import { HorizontalPodAutoscaler } from '../../../types/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import type { LintRule } from '../../rule.ts';
import { groupOf, isOneOf, valueAt } from '../../selectors.ts';
import { deploymentExample, documents } from '../example.ts';
import { missing } from './unresolved.ts';

const scaler =
  'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 2\n  maxReplicas: 5\n';

export const autoscalerTarget: LintRule = {
  id: 'reference/autoscaler-target',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:dangling-horizontalpodautoscaler', 'kube-score:horizontalpodautoscaler-has-target'],
  summary: 'What an autoscaler scales is there.',
  why: 'Otherwise it scales nothing.',
  bad: documents(scaler.replaceAll('name: web\n  min', 'name: wbe\n  min'), deploymentExample()),
  good: documents(scaler, deploymentExample()),
  appliesTo: isOneOf(HorizontalPodAutoscaler),
  *check(subject, around) {
    const reference = valueAt(subject.object, ['spec', 'scaleTargetRef']);
    const text = (name: string): string => String(valueAt(reference, [name]) ?? '');
    const target = { group: groupOf(text('apiVersion')), kind: text('kind'), name: text('name'), namespaced: true };
    if (target.name === '' || target.kind === '') return;
    const found = missing({ ...target, path: ['spec', 'scaleTargetRef', 'name'] }, around, 'warning');
    if (found) yield found;
  },
};

import { Ingress } from '../../../types/kinds/networking/ingress.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';

const ingress = (annotation: string, spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n${annotation}spec:\n${spec}  defaultBackend:\n    service:\n      name: web\n      port:\n        number: 80\n`;
const key = 'kubernetes.io/ingress.class';

export const ingressClassAnnotation: LintRule = {
  id: 'deprecation/ingress-class-annotation',
  severity: 'warning',
  recommended: true,
  summary: 'The class of an Ingress is named in ingressClassName.',
  why: 'The annotation is deprecated since 1.18, and newer controllers do not look at it.',
  bad: ingress('  annotations:\n    kubernetes.io/ingress.class: nginx\n', ''),
  good: ingress('', '  ingressClassName: nginx\n'),
  appliesTo: isOneOf(Ingress),
  *check(subject) {
    const ingressClass = subject.object.metadata.annotations?.[key];
    if (ingressClass === undefined) return;
    const path = ['metadata', 'annotations', { key }];
    const own = asKind(Ingress, subject)?.spec?.ingressClassName;
    const drop = { path, remove: true } as const;
    const changes = own === undefined ? [drop, { path: ['spec', 'ingressClassName'], set: ingressClass }] : [drop];
    const fix = { title: 'Use ingressClassName', changes, suggestion: true };
    yield { path, message: 'the annotation is deprecated; use spec.ingressClassName', part: 'key', fix };
  },
};

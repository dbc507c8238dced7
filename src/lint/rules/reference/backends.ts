import type { LintedObject } from '../../rule.ts';
import { asKind } from '../../selectors.ts';
import type { FieldPath } from '../../../types/field-issue.ts';
import { Ingress } from '../../../types/kinds/networking/ingress.ts';
import type { IngressServiceBackend } from '../../../types/kinds/generated/networking-v1.gen.ts';

export interface Backend {
  readonly service: IngressServiceBackend;
  readonly path: FieldPath;
}

export function backendsOf(subject: LintedObject): readonly Backend[] {
  const spec = asKind(Ingress, subject)?.spec;
  const found: Backend[] = [];
  const first = spec?.defaultBackend?.service;
  if (first) found.push({ service: first, path: ['spec', 'defaultBackend', 'service'] });
  for (const [r, { http }] of (spec?.rules ?? []).entries()) {
    for (const [p, { backend }] of (http?.paths ?? []).entries()) {
      const { service } = backend;
      if (service) found.push({ service, path: ['spec', 'rules', r, 'http', 'paths', p, 'backend', 'service'] });
    }
  }
  return found;
}

export function ingressExample(service: string, port: string, tls = ''): string {
  return `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\nspec:\n${tls}  defaultBackend:\n    service:\n      name: ${service}\n      port:\n        ${port}\n`;
}

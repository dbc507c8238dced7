import { defineKind } from '../../registry.ts';
import { columnsOf, orNone, textColumn } from '../../table.ts';
import { checkIngressSpec } from '../../validation/ingresses.ts';
import type { Reference } from '../../define-kind.ts';
import type { FieldPath } from '../../field-issue.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type Ingress = networking_v1.Ingress;

const classAnnotation = 'kubernetes.io/ingress.class';

function hostsText({ spec }: Ingress): string {
  const hosts = (spec?.rules ?? []).map(({ host }) => ((host ?? '') === '' ? '*' : (host ?? '')));
  if (hosts.length === 0) return '*';
  return hosts.slice(0, 3).join(',') + (hosts.length > 3 ? ` + ${hosts.length - 3} more...` : '');
}

function* backendReference(
  ingress: Ingress,
  backend: networking_v1.IngressBackend | undefined,
  path: FieldPath,
): Iterable<Reference> {
  const name = backend?.service?.name;
  if (name)
    yield {
      path: [...path, 'service', 'name'],
      apiVersion: 'v1',
      kind: 'Service',
      namespace: ingress.metadata.namespace,
      name,
    };
}

export const Ingress = defineKind<Ingress>('networking.k8s.io/v1', 'Ingress', {
  shortNames: ['ing'],
  columns: columnsOf<Ingress>([
    textColumn('Class', ({ spec, metadata }) =>
      orNone(spec?.ingressClassName ?? metadata.annotations?.[classAnnotation]),
    ),
    textColumn('Hosts', hostsText),
    textColumn('Address', ({ status }) =>
      (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '').join(','),
    ),
    textColumn('Ports', ({ spec }) => ((spec?.tls ?? []).length > 0 ? '80, 443' : '80')),
  ]),
  validated: true,
  unrealized: ['spec'],
  example: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web' },
    spec: {
      rules: [
        {
          host: 'web.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
          },
        },
      ],
    },
  },
  validate({ spec }, issues) {
    checkIngressSpec(spec ?? {}, issues.at('spec'));
  },
  validateCreate({ spec, metadata }, issues) {
    const annotated = metadata.annotations?.[classAnnotation];
    if (annotated === undefined || spec?.ingressClassName === undefined) return;
    // Upstream's path leaves out metadata.
    issues.at('annotations', classAnnotation).invalid(annotated, 'can not be set when the class field is also set');
  },
  *references(ingress) {
    yield* backendReference(ingress, ingress.spec?.defaultBackend, ['spec', 'defaultBackend']);
    for (const [r, rule] of (ingress.spec?.rules ?? []).entries()) {
      for (const [p, path] of (rule.http?.paths ?? []).entries()) {
        yield* backendReference(ingress, path.backend, ['spec', 'rules', r, 'http', 'paths', p, 'backend']);
      }
    }
  },
});

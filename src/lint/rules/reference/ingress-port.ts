import { Service } from '../../../types/kinds/core/service.ts';
import { Ingress } from '../../../types/kinds/networking/ingress.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { documents, serviceExample } from '../example.ts';
import { certainty } from './certainty.ts';
import { backendsOf, ingressExample } from './backends.ts';

export const ingressPort: LintRule = {
  id: 'reference/ingress-port',
  severity: 'error',
  recommended: true,
  certain: true,
  looksAround: true,
  summary: 'Ports that an Ingress sends requests to are ports of the Service.',
  why: 'Requests are answered with 503 otherwise.',
  bad: documents(serviceExample, ingressExample('web', 'number: 8080')),
  good: documents(serviceExample, ingressExample('web', 'number: 80')),
  appliesTo: isOneOf(Ingress),
  *check(subject, around) {
    for (const { service, path } of backendsOf(subject)) {
      const located = around.locate({ group: '', kind: 'Service', name: service.name, namespaced: true });
      if (located.answer !== 'here') continue;
      const services = located.objects.flatMap((one) => asKind(Service, one) ?? []);
      // What stands behind an ExternalName has ports that nobody lists.
      if (services.length === 0 || services.some(({ spec }) => spec?.type === 'ExternalName')) continue;
      const ports = services.flatMap(({ spec }) => spec?.ports ?? []);
      const { name, number } = service.port ?? {};
      if (ports.some((port) => (name === undefined ? port.port === number : port.name === name))) continue;
      const shown = ports
        .map((port) => (port.name === undefined ? `${port.port}` : `${port.port} (${port.name})`))
        .join(', ');
      const field = name === undefined ? 'number' : 'name';
      yield {
        path: [...path, 'port', field],
        message: `the Service ${service.name} has no port ${name ?? number}; it has ${shown}`,
        ...certainty(subject, located.objects),
      };
    }
  },
};

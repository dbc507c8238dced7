import { dns1123LabelErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, orNone, textColumn } from '../../table.ts';
import { checkOneOf, checkPresent, checkSubdomain, isBlank } from '../../validation/field-checks.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type IngressClass = networking_v1.IngressClass;

function parametersText({ spec }: IngressClass): string {
  const parameters = spec?.parameters;
  if (!parameters) return orNone(undefined);
  const group = (parameters.apiGroup ?? '') === '' ? '' : `.${parameters.apiGroup ?? ''}`;
  return `${parameters.kind}${group}/${parameters.name}`;
}

export const IngressClass = defineKind<IngressClass>('networking.k8s.io/v1', 'IngressClass', {
  hasGeneration: true,
  columns: columnsOf<IngressClass>([
    textColumn('Controller', ({ spec }) => spec?.controller ?? ''),
    textColumn('Parameters', parametersText),
  ]),
  validated: true,
  example: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'internal' },
    spec: { controller: 'example.com/ingress' },
  },
  applyDefaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  validate({ spec }, issues) {
    const controller = spec?.controller ?? '';
    const at = issues.at('spec', 'controller');
    if (controller.length > 250) at.tooLong(controller, 250);
    else if (controller === '' || !/^[a-z0-9.-]+\/[^\s]+$/.test(controller)) {
      at.invalid(controller, 'must be a domain-prefixed path (such as "acme.io/foo")');
    }
    const parameters = spec?.parameters;
    if (!parameters) return;
    const place = issues.at('spec', 'parameters');
    checkPresent(parameters.kind, place.at('kind'), 'kind is required');
    checkPresent(parameters.name, place.at('name'), 'name is required');
    if (!isBlank(parameters.apiGroup)) checkSubdomain(parameters.apiGroup, place.at('apiGroup'));
    const { scope, namespace } = parameters;
    checkOneOf(scope, ['Cluster', 'Namespace'], place.at('scope'));
    if (scope === 'Namespace') {
      if (isBlank(namespace)) place.at('namespace').required("`parameters.scope` is set to 'Namespace'");
      else invalidEach(place.at('namespace'), namespace, dns1123LabelErrors(namespace));
    } else if (scope === 'Cluster' && namespace !== undefined) {
      place.at('namespace').forbidden("`parameters.scope` is set to 'Cluster'");
    }
  },
  validateUpdate(next, previous, issues) {
    if (next.spec?.controller !== previous.spec?.controller) {
      issues.at('spec', 'controller').invalid(next.spec?.controller, 'field is immutable');
    }
  },
});

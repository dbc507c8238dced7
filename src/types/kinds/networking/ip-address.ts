import { isIP } from 'node:net';
import { deepEqual } from '../../../shared/deep.ts';
import { dns1123LabelErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkPresent, checkSubdomain, isBlank } from '../../validation/field-checks.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type IPAddress = networking_v1.IPAddress;

/** The one way to write an address: lower case, the longest run of zeros left out. */
function canonicalAddress(name: string): string | undefined {
  const family = isIP(name);
  if (family === 4) return name.split('.').map(Number).join('.');
  return family === 6 ? new URL(`http://[${name}]/`).hostname.slice(1, -1) : undefined;
}

function parentText({ spec }: IPAddress): string {
  const parent = spec?.parentRef;
  if (!parent) return '<none>';
  const group = isBlank(parent.group) ? '' : `.${parent.group}`;
  return `${parent.resource}${group}/${isBlank(parent.namespace) ? '' : `${parent.namespace}/`}${parent.name}`;
}

export const IPAddress = defineKind<IPAddress>('networking.k8s.io/v1', 'IPAddress', {
  shortNames: ['ip'],
  columns: columnsOf<IPAddress>([textColumn('ParentRef', parentText)]),
  validated: true,
  example: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: '10.96.0.20' },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
  },
  validateName(name) {
    const canonical = canonicalAddress(name);
    if (canonical === undefined) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
    return canonical === name ? [] : [`must be in canonical form ("${canonical}")`];
  },
  validate({ spec }, issues) {
    const at = issues.at('spec', 'parentRef');
    const parent = spec?.parentRef;
    if (!parent) {
      at.required();
      return;
    }
    if (!isBlank(parent.group)) checkSubdomain(parent.group, at.at('group'));
    checkPresent(parent.resource, at.at('resource'));
    checkPresent(parent.name, at.at('name'));
    if (!isBlank(parent.namespace)) {
      invalidEach(at.at('namespace'), parent.namespace, dns1123LabelErrors(parent.namespace));
    }
  },
  validateUpdate(next, previous, issues) {
    if (deepEqual(next.spec?.parentRef, previous.spec?.parentRef)) return;
    issues.at('spec', 'parentRef').invalid(next.spec?.parentRef, 'field is immutable');
  },
});

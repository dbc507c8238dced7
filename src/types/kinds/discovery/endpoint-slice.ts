import { isIP } from 'node:net';
import type { IssueSink } from '../../field-issue.ts';
import { dns1123LabelErrors, qualifiedNameErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, orUnset, textColumn } from '../../table.ts';
import { checkIP, checkOneOf, checkReachableIP, checkSubdomain } from '../../validation/field-checks.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as discovery_v1 from '../generated/discovery-v1.gen.ts';

export type EndpointSlice = discovery_v1.EndpointSlice;

const MOST_ENDPOINTS = 1000;
const MOST_ADDRESSES = 100;
const MOST_PORTS = 20_000;
const MOST_SHOWN = 3;

function shortened(list: readonly string[]): string {
  const more = list.length - MOST_SHOWN;
  return list.slice(0, MOST_SHOWN).join(',') + (more > 0 ? ` + ${more} more...` : '');
}

function checkEndpoint(endpoint: discovery_v1.Endpoint, family: string, at: IssueSink): void {
  const addresses = endpoint.addresses ?? [];
  if (addresses.length === 0) at.at('addresses').required('must contain at least 1 address');
  else if (addresses.length > MOST_ADDRESSES) at.at('addresses').tooMany(addresses.length, MOST_ADDRESSES);
  addresses.forEach((address, index) => {
    const place = at.at('addresses', index);
    if (family === 'FQDN') checkSubdomain(address, place);
    else if (isIP(address) !== (family === 'IPv6' ? 6 : 4)) {
      if (checkIP(address, place)) place.invalid(address, `must be an ${family} address`);
    } else checkReachableIP(address, place);
  });
  if (endpoint.hostname !== undefined) {
    invalidEach(at.at('hostname'), endpoint.hostname, dns1123LabelErrors(endpoint.hostname));
  }
  if (endpoint.nodeName !== undefined) checkSubdomain(endpoint.nodeName, at.at('nodeName'));
}

function checkPorts(ports: readonly discovery_v1.EndpointPort[], at: IssueSink): void {
  if (ports.length > MOST_PORTS) at.tooMany(ports.length, MOST_PORTS);
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const name = port.name ?? '';
    const place = at.at(index);
    if (name !== '') invalidEach(place.at('name'), name, dns1123LabelErrors(name));
    if (names.has(name)) place.at('name').duplicate(name);
    names.add(name);
    checkOneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], place.at('protocol'));
    if (port.appProtocol !== undefined) {
      invalidEach(place.at('appProtocol'), port.appProtocol, qualifiedNameErrors(port.appProtocol));
    }
  });
}

export const EndpointSlice = defineKind<EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', {
  hasGeneration: true,
  columns: columnsOf<EndpointSlice>([
    textColumn('AddressType', ({ addressType }) => addressType),
    textColumn('Ports', ({ ports }) =>
      orUnset(shortened((ports ?? []).map(({ port }) => (port === undefined ? '*' : String(port))))),
    ),
    textColumn('Endpoints', ({ endpoints }) =>
      orUnset(shortened((endpoints ?? []).flatMap(({ addresses }) => [...addresses]))),
    ),
  ]),
  validated: true,
  example: {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'database-1', labels: { 'kubernetes.io/service-name': 'database' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.10'] }],
    ports: [{ name: '', port: 5432, protocol: 'TCP' }],
  },
  applyDefaults(draft) {
    for (const port of draft.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  validate({ addressType, endpoints, ports }, issues) {
    checkOneOf(addressType, ['FQDN', 'IPv4', 'IPv6'], issues.at('addressType'));
    const all = endpoints ?? [];
    if (all.length > MOST_ENDPOINTS) issues.at('endpoints').tooMany(all.length, MOST_ENDPOINTS);
    else all.forEach((endpoint, index) => checkEndpoint(endpoint, addressType, issues.at('endpoints', index)));
    checkPorts(ports ?? [], issues.at('ports'));
  },
  validateUpdate(next, previous, issues) {
    if (next.addressType !== previous.addressType) {
      issues.at('addressType').invalid(next.addressType, 'field is immutable');
    }
  },
});

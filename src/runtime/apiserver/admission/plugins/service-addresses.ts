import { randomInt } from 'node:crypto';
import { Service } from '../../../../types/kinds/core/service.ts';
import { IPAddress } from '../../../../types/kinds/networking/ip-address.ts';
import { ServiceCIDR } from '../../../../types/kinds/networking/service-cidr.ts';
import { isAllocated } from '../../../../types/service-addresses.ts';
import { collectIssues } from '../../../../types/field-issue.ts';
import type { FieldIssue } from '../../../../types/field-issue.ts';
import type { Draft } from '../../../../types/meta.ts';
import { isDraftOfKind, isOfKind } from '../../fields.ts';
import { ApiError, invalid } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import {
  addressNumber,
  addressRange,
  addressText,
  dynamicPortFrom,
  freeNumber,
  readAddressRange,
} from './service-allocation.ts';
import type { AddressRange } from './service-allocation.ts';

export interface ServiceNetwork {
  /** IPv4 range of ClusterIPs: `10.96.0.0/16`. */
  readonly cidr: string;
  /** Both ends are part of the range. Upstream's default: 30000 to 32767. */
  readonly nodePorts: { readonly from: number; readonly to: number };
}

interface ServiceRange extends AddressRange {
  readonly cidr: string;
}

/** What is taken by others. */
interface Taken {
  readonly addresses: ReadonlySet<string>;
  /** `TCP/30080`: the same number serves each protocol once. */
  readonly ports: ReadonlySet<string>;
}

/** Writes that are under way: their numbers are not in the store yet. */
class Reservations {
  readonly addresses = new Set<string>();
  readonly ports = new Set<string>();
}

/** Gives Services their addresses and node ports. The stored Services are the account of what is taken. */
export function serviceAddresses(network: ServiceNetwork): AdmissionPlugin {
  const own = { cidr: network.cidr, ...addressRange(network.cidr) };
  const reserved = new Reservations();
  return {
    name: 'ServiceAddresses',
    handles: ({ operation, kind, subresource }) =>
      operation !== 'DELETE' && kind.typeName === Service.typeName && subresource === '',
    async mutate(request, draft) {
      if (!isDraftOfKind(Service, draft) || !draft.spec) return;
      const taken = await takenByOthers(request, reserved);
      const issues = [
        ...allocateAddress(request, draft, [own, ...(await furtherRanges(request, own))], taken),
        ...allocatePorts(request, draft, network, taken),
      ];
      if (issues.length > 0) throw invalid(Service, request.name, issues);
      reserve(request, draft, reserved);
    },
  };
}

async function takenByOthers(request: AdmissionRequest, reserved: Reservations): Promise<Taken> {
  const addresses = new Set(reserved.addresses);
  const ports = new Set(reserved.ports);
  for (const service of await request.reader.list(Service)) {
    if (service.metadata.namespace === request.namespace && service.metadata.name === request.name) continue;
    for (const address of service.spec?.clusterIPs ?? []) addresses.add(address);
    for (const port of service.spec?.ports ?? [])
      if (port.nodePort !== undefined) ports.add(portText(port.protocol, port.nodePort));
  }
  // What people have claimed for something else; the cluster's own only repeat the Services.
  for (const address of await request.reader.list(IPAddress))
    if (!isAllocated(address)) addresses.add(address.metadata.name ?? '');
  return { addresses, ports };
}

/** What ServiceCIDRs add to the range that the cluster began with, once they are ready (KEP-1880). */
async function furtherRanges(request: AdmissionRequest, own: ServiceRange): Promise<readonly ServiceRange[]> {
  const ready = (await request.reader.list(ServiceCIDR)).filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
  );
  return ready
    .flatMap(({ spec }) => spec?.cidrs ?? [])
    .filter((cidr) => cidr !== own.cidr)
    .flatMap((cidr) => {
      const range = readAddressRange(cidr);
      return range ? [{ cidr, ...range }] : [];
    });
}

function portText(protocol: string | undefined, port: number): string {
  return `${protocol ?? 'TCP'}/${port}`;
}

function reserve(request: AdmissionRequest, draft: Draft<Service>, reserved: Reservations): void {
  const addresses = (draft.spec?.clusterIPs ?? []).filter((address) => address !== 'None');
  const ports = (draft.spec?.ports ?? []).flatMap((port) =>
    port.nodePort ? [portText(port.protocol, port.nodePort)] : [],
  );
  const fresh = {
    addresses: addresses.filter((entry) => !reserved.addresses.has(entry)),
    ports: ports.filter((entry) => !reserved.ports.has(entry)),
  };
  for (const address of fresh.addresses) reserved.addresses.add(address);
  for (const port of fresh.ports) reserved.ports.add(port);
  request.onFinished(() => {
    for (const address of fresh.addresses) reserved.addresses.delete(address);
    for (const port of fresh.ports) reserved.ports.delete(port);
  });
}

function allocateAddress(
  request: AdmissionRequest,
  { spec }: Draft<Service>,
  ranges: readonly ServiceRange[],
  taken: Taken,
): readonly FieldIssue[] {
  if (!spec) return [];
  if (spec.type === 'ExternalName') {
    // A change to this type gives the address back.
    if (request.operation === 'UPDATE')
      for (const name of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) delete spec[name];
    return [];
  }
  const before = isOfKind(Service, request.previous) ? request.previous.spec : undefined;
  const asked = spec.clusterIP ?? spec.clusterIPs?.[0] ?? '';
  if (asked === '' && before?.clusterIP !== undefined && before.type !== 'ExternalName') {
    spec.clusterIP = before.clusterIP;
    spec.clusterIPs = [...(before.clusterIPs ?? [before.clusterIP])];
    return [];
  }
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (asked === 'None') {
    spec.clusterIP = 'None';
    spec.clusterIPs ??= ['None'];
    return [];
  }
  if (asked === '') {
    const free = freeAddress(ranges, taken);
    if (free === undefined) throw new ApiError('InternalError', 'failed to allocate a serviceIP: range is full');
    spec.clusterIP = addressText(free);
    spec.clusterIPs = [spec.clusterIP];
    return [];
  }
  spec.clusterIP = asked;
  spec.clusterIPs ??= [asked];
  return before?.clusterIP === asked ? [] : checkAddress(asked, ranges, taken);
}

/** The first range that has one left. In the first one two addresses are the cluster's own. */
function freeAddress(ranges: readonly ServiceRange[], taken: Taken): number | undefined {
  const dns = (ranges[0]?.first ?? 0) + 9;
  const used = (value: number): boolean => taken.addresses.has(addressText(value)) || value === dns;
  for (const [index, { first, dynamicFrom, last }] of ranges.entries()) {
    const free = freeNumber(index === 0 ? first + 1 : first, dynamicFrom, last, used, (limit) => randomInt(limit));
    if (free !== undefined) return free;
  }
  return undefined;
}

function checkAddress(asked: string, ranges: readonly ServiceRange[], taken: Taken): readonly FieldIssue[] {
  const value = addressNumber(asked);
  // What is no address at all is the kind's own rule to refuse.
  if (value === undefined) return [];
  return collectIssues((sink) => {
    const at = sink.at('spec', 'clusterIPs');
    if (!ranges.some(({ first, last }) => value >= first && value <= last)) {
      const cidr = ranges.map((range) => range.cidr).join(', ');
      at.invalid(
        [asked],
        `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${cidr}`,
      );
    } else if (taken.addresses.has(asked)) {
      at.invalid([asked], `failed to allocate IP ${asked}: provided IP is already allocated`);
    }
  });
}

function needsNodePorts(spec: NonNullable<Draft<Service>['spec']>): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

function allocatePorts(
  request: AdmissionRequest,
  { spec }: Draft<Service>,
  network: ServiceNetwork,
  taken: Taken,
): readonly FieldIssue[] {
  if (!spec) return [];
  const before = isOfKind(Service, request.previous) ? (request.previous.spec?.ports ?? []) : [];
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') {
    // A Service that is exposed no longer gives its ports back, unless the client itself still names them, which its rules refuse.
    for (const port of spec.ports ?? []) if (before.some((old) => old.nodePort === port.nodePort)) delete port.nodePort;
    return [];
  }
  const own = new Set<string>();
  return collectIssues((sink) => {
    spec.ports?.forEach((port, index) => {
      const at = sink.at('spec', 'ports', index, 'nodePort');
      const old = before.find(
        (candidate) => candidate.port === port.port && (candidate.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
      );
      if (!port.nodePort && old?.nodePort) port.nodePort = old.nodePort;
      if (!port.nodePort && needsNodePorts(spec)) {
        const used = (value: number): boolean => {
          const text = portText(port.protocol, value);
          return taken.ports.has(text) || own.has(text);
        };
        const free = freeNumber(network.nodePorts.from, dynamicPortFrom(network), network.nodePorts.to, used, (limit) =>
          randomInt(limit),
        );
        if (free === undefined) throw new ApiError('InternalError', 'failed to allocate a nodePort: range is full');
        port.nodePort = free;
      }
      if (!port.nodePort) return;
      const { from, to } = network.nodePorts;
      const kept = before.some((candidate) => candidate.nodePort === port.nodePort);
      if (!kept && (port.nodePort < from || port.nodePort > to)) {
        at.invalid(port.nodePort, `provided port is not in the valid range. The range of valid ports is ${from}-${to}`);
      } else if (taken.ports.has(portText(port.protocol, port.nodePort))) {
        at.invalid(port.nodePort, 'provided port is already allocated');
      }
      own.add(portText(port.protocol, port.nodePort));
    });
  });
}

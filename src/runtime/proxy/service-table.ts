import { isIPv4 } from 'node:net';
import type { Service, ServicePort } from '../../types/kinds/generated/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../types/kinds/generated/discovery-v1.gen.ts';
import { slicesByService } from '../network/service-source.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** Where a connection may be sent. */
export interface Backend {
  readonly ip: string;
  readonly port: number;
  /** Chosen only because nothing better is left: it is on its way out (KEP-1669). */
  readonly terminating: boolean;
}

/** One port of one Service, or one host port of a pod. */
export interface Forwarding {
  /** `namespace/name/protocol/port`; unique. A host port's begins with `hostport/`. */
  readonly key: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly clusterIps: readonly string[];
  readonly externalIps: readonly string[];
  readonly loadBalancerIps: readonly string[];
  /** CIDRs allowed to use `loadBalancerIps`; empty: everybody. */
  readonly sourceRanges: readonly string[];
  readonly nodePort: number | undefined;
  /** For connections to the ClusterIP, according to internalTrafficPolicy. */
  readonly internal: readonly Backend[];
  /** For connections from pods and the node itself to the other addresses. */
  readonly external: readonly Backend[];
  /** For connections from elsewhere, where externalTrafficPolicy Local makes that another list; else undefined. */
  readonly externalLocal: readonly Backend[] | undefined;
  /** How long a client stays with its backend (sessionAffinity ClientIP); undefined: each connection for itself. */
  readonly affinitySeconds: number | undefined;
}

export type ServiceTable = readonly Forwarding[];

export const protocols: Readonly<Record<string, Protocol>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/** What Services and EndpointSlices amount to on node `nodeName`, sorted by key. Only IPv4; headless and ExternalName have no entries. */
export function buildServiceTable(
  services: Iterable<Service>,
  slices: Iterable<EndpointSlice>,
  nodeName: string,
): ServiceTable {
  const slicesOf = slicesByService(slices);
  const table: Forwarding[] = [];
  for (const service of services) {
    const { namespace = '', name = '' } = service.metadata;
    // Names become names of chains: nothing but DNS labels may get there.
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace) || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) continue;
    if (service.spec === undefined || service.spec.type === 'ExternalName' || clusterIps(service).length === 0)
      continue;
    const own = slicesOf.get(`${namespace}/${name}`) ?? [];
    for (const port of service.spec.ports ?? [])
      table.push(forwarding(service, `${namespace}/${name}`, port, own, nodeName));
  }
  return table.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function forwarding(
  service: Service,
  name: string,
  port: ServicePort,
  slices: readonly EndpointSlice[],
  nodeName: string,
): Forwarding {
  const spec = service.spec ?? {};
  const protocol = protocols[port.protocol ?? 'TCP'] ?? 'tcp';
  const candidates = candidatesOf(slices, port);
  const everywhere = usable(candidates);
  const here = usable(candidates.filter(({ endpoint }) => endpoint.nodeName === nodeName));
  const isExternal = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
  return {
    key: `${name}/${protocol}/${port.port}`,
    protocol,
    port: port.port,
    clusterIps: clusterIps(service),
    externalIps: (spec.externalIPs ?? []).filter((ip) => isIPv4(ip)),
    loadBalancerIps: spec.type === 'LoadBalancer' ? loadBalancerIps(service) : [],
    sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter(isIpv4Cidr),
    nodePort: isExternal && port.nodePort !== undefined && port.nodePort > 0 ? port.nodePort : undefined,
    internal: spec.internalTrafficPolicy === 'Local' ? here : everywhere,
    external: everywhere,
    externalLocal: spec.externalTrafficPolicy === 'Local' ? here : undefined,
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? timeout : undefined,
  };
}

function clusterIps(service: Service): readonly string[] {
  const { clusterIPs, clusterIP } = service.spec ?? {};
  const stated = clusterIPs !== undefined && clusterIPs.length > 0 ? clusterIPs : [clusterIP ?? ''];
  return stated.filter((ip) => isIPv4(ip));
}

/** With ipMode Proxy the balancer sends to the node port itself, so its address is none of ours. */
function loadBalancerIps(service: Service): readonly string[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  return ingress.flatMap(({ ip, ipMode }) => (ip !== undefined && isIPv4(ip) && ipMode !== 'Proxy' ? [ip] : []));
}

function isIpv4Cidr(text: string): boolean {
  const [address = '', prefix = ''] = text.split('/');
  return isIPv4(address) && /^\d{1,2}$/.test(prefix) && Number(prefix) <= 32;
}

interface Candidate {
  readonly ip: string;
  readonly port: number;
  readonly endpoint: Endpoint;
}

/** Endpoints for this port, each address and port once. Only the first address of an endpoint counts, as upstream. */
function candidatesOf(slices: readonly EndpointSlice[], port: ServicePort): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const target = (slice.ports ?? []).find(
      (offered) =>
        (offered.name ?? '') === (port.name ?? '') && (offered.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )?.port;
    if (target === undefined || target < 1 || target > 65_535) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses[0];
      if (ip === undefined || !isIPv4(ip)) continue;
      const key = `${ip}:${target}`;
      const known = found.get(key);
      // Two slices may tell of one endpoint while it moves between them; the better news counts.
      if (known === undefined || (!isReady(known.endpoint) && isReady(endpoint)))
        found.set(key, { ip, port: target, endpoint });
    }
  }
  return [...found.values()];
}

function isReady(endpoint: Endpoint): boolean {
  return endpoint.conditions?.ready !== false;
}

/** The ready ones; where there are none, those that still serve while they terminate (KEP-1669). */
function usable(candidates: readonly Candidate[]): readonly Backend[] {
  const ready = candidates.filter(({ endpoint }) => isReady(endpoint));
  const chosen =
    ready.length > 0
      ? ready
      : candidates.filter(
          ({ endpoint: { conditions } }) => conditions?.terminating === true && conditions.serving !== false,
        );
  return chosen
    .map(({ ip, port }) => ({ ip, port, terminating: ready.length === 0 }))
    .sort((a, b) => (a.ip === b.ip ? a.port - b.port : a.ip < b.ip ? -1 : 1));
}

/** Addresses to which new connections go for a better reason than that nothing else is left. */
export function routedAddresses(table: ServiceTable): ReadonlySet<string> {
  const routed = new Set<string>();
  for (const { internal, external, externalLocal } of table) {
    for (const backends of [internal, external, externalLocal ?? []]) {
      for (const { ip, terminating } of backends) if (!terminating) routed.add(ip);
    }
  }
  return routed;
}

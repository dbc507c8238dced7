/** A service and its pods -> endpoints -> what has to change in its EndpointSlices. Pure. */
import { deepEqual } from '../../../shared/deep.ts';
import type { Endpoint, EndpointPort } from '../../../types/kinds/generated/discovery-v1.gen.ts';
import type { ObjectMeta } from '../../../types/meta.ts';
import type { EndpointSlice } from '../../../types/kinds/discovery/endpoint-slice.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Service } from '../../../types/kinds/core/service.ts';
import { canonicalJson } from '../../../types/names.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isPodReady, isPodTerminal } from '../framework/pod-state.ts';
import { addressOf, publishedHostname, targetPort } from './service-ports.ts';

/** Endpoints of one address family that share a set of ports. */
export interface EndpointGroup {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly Persisted<EndpointSlice>[];
}

/** What all slices of one service have in common. */
export type SliceMeta = Pick<ObjectMeta, 'namespace' | 'generateName' | 'labels' | 'ownerReferences'>;

/** @param zoneOf zone of a node by its name */
export function endpointGroups(
  service: Service,
  pods: readonly Persisted<Pod>[],
  zoneOf: (node: string) => string | undefined,
): readonly EndpointGroup[] {
  const groups = new Map<
    string,
    { addressType: 'IPv4' | 'IPv6'; ports: readonly EndpointPort[]; endpoints: Endpoint[] }
  >();
  for (const addressType of addressTypes(service)) {
    for (const pod of pods) {
      const address = isPodTerminal(pod) ? undefined : addressOf(pod, addressType);
      if (address === undefined) continue;
      const ports = portsOf(service, pod);
      const key = canonicalJson([addressType, ports]);
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(service, pod, address, zoneOf));
    }
    // A service without endpoints has one empty slice, so that readers can tell "none" from "not yet known".
    if (![...groups.values()].some((group) => group.addressType === addressType)) {
      groups.set(addressType, { addressType, ports: [], endpoints: [] });
    }
  }
  return [...groups.values()];
}

function addressTypes(service: Service): readonly ('IPv4' | 'IPv6')[] {
  const families = (service.spec?.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return families;
  return [service.spec?.clusterIP?.includes(':') === true ? 'IPv6' : 'IPv4'];
}

function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service.spec?.ports ?? []) {
    const target = targetPort(pod, port);
    if (target === undefined) continue;
    ports.push({
      name: port.name ?? '',
      port: target,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}

function endpointOf(
  service: Service,
  pod: Persisted<Pod>,
  address: string,
  zoneOf: (node: string) => string | undefined,
): Endpoint {
  const { name, namespace, uid } = pod.metadata;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const nodeName = pod.spec?.nodeName;
  const zone = nodeName === undefined ? undefined : zoneOf(nodeName);
  const hostname = publishedHostname(pod, service.metadata.name ?? '');
  const hints = ready ? hintsOf(service.spec?.trafficDistribution, zone, nodeName) : undefined;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  };
}

/** KEP-3015: the endpoint is offered to clients that are near it. */
function hintsOf(
  distribution: string | undefined,
  zone: string | undefined,
  node: string | undefined,
): Endpoint['hints'] {
  if (distribution === undefined || zone === undefined) return undefined;
  const forZones = [{ name: zone }];
  return distribution === 'PreferSameNode' && node !== undefined
    ? { forZones, forNodes: [{ name: node }] }
    : { forZones };
}

/**
 * Changes as few slices as possible: endpoints stay in the slice they are in, new ones fill slices up, and only what
 * then is left gets slices of its own.
 */
export function planSlices(
  meta: SliceMeta,
  groups: readonly EndpointGroup[],
  existing: readonly Persisted<EndpointSlice>[],
  limit: number,
): SlicePlan {
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  const kept = new Set<Persisted<EndpointSlice>>();
  for (const group of groups) {
    const candidates = existing.filter((slice) => !kept.has(slice) && isOfGroup(slice, group));
    const pending = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
    const contents = candidates.map((slice) => ({ slice, endpoints: takeKnown(slice, pending) }));
    for (const content of contents) {
      while (content.endpoints.length < limit && pending.size > 0) {
        const [next] = pending;
        if (!next) break;
        pending.delete(next[0]);
        content.endpoints.push(next[1]);
      }
    }
    const used = contents.filter((content) => content.endpoints.length > 0);
    // The empty slice of a service without endpoints.
    const staying = used.length > 0 || pending.size > 0 ? used : contents.slice(0, 1);
    for (const { slice, endpoints } of staying) {
      kept.add(slice);
      const next = sliceOf({ ...slice.metadata, ...ownMeta(meta) }, group, endpoints);
      if (!sameSlice(slice, next)) update.push(next);
    }
    const rest = [...pending.values()];
    for (let from = 0; from < rest.length; from += limit)
      create.push(sliceOf(meta, group, rest.slice(from, from + limit)));
    if (group.endpoints.length === 0 && staying.length === 0) create.push(sliceOf(meta, group, []));
  }
  const remove = existing.filter((slice) => !kept.has(slice) && slice.metadata.deletionTimestamp === undefined);
  return { create, update, remove };
}

function ownMeta(meta: SliceMeta): SliceMeta {
  return { labels: meta.labels, ownerReferences: meta.ownerReferences };
}

function isOfGroup(slice: Persisted<EndpointSlice>, group: EndpointGroup): boolean {
  return (
    slice.metadata.deletionTimestamp === undefined &&
    slice.addressType === group.addressType &&
    deepEqual(slice.ports ?? [], group.ports)
  );
}

/** Moves the endpoints that the slice has already, as they are now, out of those that still need a place. */
function takeKnown(slice: EndpointSlice, pending: Map<string, Endpoint>): Endpoint[] {
  const known: Endpoint[] = [];
  for (const endpoint of slice.endpoints ?? []) {
    const id = identityOf(endpoint);
    const current = pending.get(id);
    if (!current) continue;
    pending.delete(id);
    known.push(current);
  }
  return known;
}

function identityOf(endpoint: Endpoint): string {
  return endpoint.targetRef?.uid ?? `${endpoint.addresses.join(',')}/${endpoint.hostname ?? ''}`;
}

function sameSlice(a: EndpointSlice, b: EndpointSlice): boolean {
  return (
    deepEqual(a.endpoints ?? [], b.endpoints ?? []) &&
    deepEqual(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
    deepEqual(a.metadata.ownerReferences ?? [], b.metadata.ownerReferences ?? [])
  );
}

function sliceOf(metadata: ObjectMeta, group: EndpointGroup, endpoints: readonly Endpoint[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: group.addressType,
    endpoints,
    ports: group.ports,
  };
}

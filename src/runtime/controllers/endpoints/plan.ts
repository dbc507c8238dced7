/** A service and its pods -> subsets of an Endpoints object. Pure. */
import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Service } from '../../../types/kinds/core/service.ts';
import { canonicalJson } from '../../../types/names.ts';
import type { Persisted } from '../../../types/meta.ts';
import { addressOf, publishedHostname, targetPort } from '../endpoint-slice/service-ports.ts';
import { isPodReady, isPodTerminal } from '../framework/pod-state.ts';

/** An Endpoints object has at most this many addresses (KEP-752). */
const addressLimit = 1000;

export interface EndpointsPlan {
  readonly subsets: readonly EndpointSubset[];
  /** Some addresses are left out. */
  readonly truncated: boolean;
}

interface Entry {
  readonly address: EndpointAddress;
  readonly ready: boolean;
}

export function planEndpoints(service: Service, pods: readonly Persisted<Pod>[]): EndpointsPlan {
  const publishAll = service.spec?.publishNotReadyAddresses === true;
  const family = service.spec?.ipFamilies?.[0] === 'IPv6' ? 'IPv6' : 'IPv4';
  const byPort = new Map<string, { port: EndpointPort | undefined; entries: Entry[] }>();
  let truncated = false;
  let count = 0;
  for (const pod of [...pods].sort(readyFirst)) {
    if (isPodTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !publishAll)) continue;
    const ip = addressOf(pod, family);
    if (ip === undefined) continue;
    if (count >= addressLimit) {
      truncated = true;
      break;
    }
    count += 1;
    const entry = { address: addressEntry(service, pod, ip), ready: publishAll || isPodReady(pod) };
    for (const port of portsOf(service, pod)) {
      const key = canonicalJson(port ?? null);
      const group = byPort.get(key) ?? { port, entries: [] };
      byPort.set(key, group);
      group.entries.push(entry);
    }
  }
  return { subsets: repacked([...byPort.values()]), truncated };
}

/** Ports that lead to the same addresses share a subset. */
function repacked(
  groups: readonly { port: EndpointPort | undefined; entries: readonly Entry[] }[],
): readonly EndpointSubset[] {
  const subsets = new Map<string, { ports: EndpointPort[]; entries: readonly Entry[] }>();
  for (const { port, entries } of groups) {
    const sorted = [...entries].sort((a, b) => compare(a.address.ip, b.address.ip) || compare(uidOf(a), uidOf(b)));
    const key = canonicalJson(sorted);
    const subset = subsets.get(key) ?? { ports: [], entries: sorted };
    subsets.set(key, subset);
    if (port) subset.ports.push(port);
  }
  return [...subsets.entries()]
    .sort(([a], [b]) => compare(a, b))
    .map(([, { ports, entries }]) => subsetOf(ports, entries));
}

function subsetOf(ports: readonly EndpointPort[], entries: readonly Entry[]): EndpointSubset {
  const addresses = entries.filter((entry) => entry.ready).map((entry) => entry.address);
  const notReadyAddresses = entries.filter((entry) => !entry.ready).map((entry) => entry.address);
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ...(ports.length === 0 ? {} : { ports: [...ports].sort((a, b) => compare(portKey(a), portKey(b))) }),
  };
}

/** One undefined entry for a headless service without ports: its addresses count all the same. */
function portsOf(service: Service, pod: Pod): readonly (EndpointPort | undefined)[] {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0) return service.spec?.clusterIP === 'None' ? [undefined] : [];
  return ports.flatMap((port) => {
    const target = targetPort(pod, port);
    if (target === undefined) return [];
    const { name, appProtocol } = port;
    return [
      {
        ...(name === undefined || name === '' ? {} : { name }),
        port: target,
        protocol: port.protocol ?? 'TCP',
        ...(appProtocol === undefined ? {} : { appProtocol }),
      },
    ];
  });
}

function addressEntry(service: Service, pod: Persisted<Pod>, ip: string): EndpointAddress {
  const { name, namespace, uid } = pod.metadata;
  const hostname = publishedHostname(pod, service.metadata.name ?? '');
  const nodeName = pod.spec?.nodeName;
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function readyFirst(a: Pod, b: Pod): number {
  return Number(isPodReady(b)) - Number(isPodReady(a));
}

function uidOf(entry: Entry): string {
  return entry.address.targetRef?.uid ?? '';
}

function portKey(port: EndpointPort): string {
  return `${port.name ?? ''}\0${port.protocol ?? ''}\0${String(port.port).padStart(5, '0')}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

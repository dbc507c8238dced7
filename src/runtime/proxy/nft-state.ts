import { contains, parseCidr } from '../network/ipv4.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import type { Backend, Forwarding, ServiceTable } from './service-table.ts';

/** Sets and maps with fixed names. Elements of a map have a verdict, those of a set have the empty string. */
export const containers = {
  'service-ips': { kind: 'map', type: 'ipv4_addr . inet_proto . inet_service : verdict' },
  'service-nodeports': { kind: 'map', type: 'inet_proto . inet_service : verdict' },
  'no-endpoint-services': { kind: 'set', type: 'ipv4_addr . inet_proto . inet_service' },
  'remote-endpoints': { kind: 'set', type: 'ipv4_addr . inet_proto . inet_service' },
  hairpin: { kind: 'set', type: 'ipv4_addr . ipv4_addr' },
} as const satisfies Readonly<Record<string, { kind: 'map' | 'set'; type: string }>>;

export type ContainerName = keyof typeof containers;

/** The changing part of the Services' nftables table. */
export interface NftState {
  /** Rules of each chain. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Sets that rules fill by themselves (session affinity): name -> how long an element lives, in seconds. */
  readonly affinitySets: ReadonlyMap<string, number>;
  readonly elements: Readonly<Record<ContainerName, ReadonlyMap<string, string>>>;
}

export function emptyState(): MutableState {
  return {
    chains: new Map(),
    affinitySets: new Map(),
    elements: {
      'service-ips': new Map(),
      'service-nodeports': new Map(),
      'no-endpoint-services': new Map(),
      'remote-endpoints': new Map(),
      hairpin: new Map(),
    },
  };
}

interface MutableState extends NftState {
  readonly chains: Map<string, readonly string[]>;
  readonly affinitySets: Map<string, number>;
  readonly elements: Readonly<Record<ContainerName, Map<string, string>>>;
}

/**
 * One chain per Service port with one rule that picks a backend, reached by one look-up: what a connection costs does not grow with
 * the number of Services, and a change of one Service touches one chain. Where two Services claim the same external address and port,
 * the first in the table has it.
 */
export function describeTable(table: ServiceTable, network: ClusterNetwork): NftState {
  const state = emptyState();
  const pods = parseCidr(network.podCidr);
  const { hairpin, 'remote-endpoints': remote } = state.elements;
  for (const entry of table) describeForwarding(state, entry, network);
  const reached = new Map(table.flatMap(targetsOf));
  for (const [target, ip] of reached) {
    if (ip === network.gateway) continue;
    if (contains(pods, ip)) hairpin.set(`${ip} . ${ip}`, '');
    else remote.set(target, '');
  }
  return state;
}

/** Each address and port connections are sent to, with the address alone. */
function targetsOf({ protocol, internal, external }: Forwarding): readonly (readonly [target: string, ip: string])[] {
  const backends = internal === external ? external : [...internal, ...external];
  return backends.map(({ ip, port }) => [`${ip} . ${protocol} . ${port}`, ip] as const);
}

function describeForwarding(state: MutableState, entry: Forwarding, network: ClusterNetwork): void {
  const { key, protocol, port, nodePort } = entry;
  const address = (ip: string): string => `${ip} . ${protocol} . ${port}`;
  const direct = balance(state, `svc/${key}`, entry, entry.external);
  const internal = sameBackends(entry.internal, entry.external)
    ? direct
    : balance(state, `int/${key}`, entry, entry.internal);
  const external = externalChain(state, entry, direct, network);
  const limited = limitSources(state, entry, external);
  const ips = state.elements['service-ips'];
  // A ClusterIP without endpoints needs no entry: whatever of the Service range stays untranslated is refused.
  if (internal !== undefined) for (const ip of entry.clusterIps) setIfAbsent(ips, address(ip), `goto ${internal}`);
  for (const [addresses, chain] of [
    [entry.externalIps, external],
    [entry.loadBalancerIps, limited],
  ] as const) {
    for (const ip of addresses) {
      if (chain === undefined) setIfAbsent(state.elements['no-endpoint-services'], address(ip), '');
      else setIfAbsent(ips, address(ip), `goto ${chain}`);
    }
  }
  if (nodePort !== undefined && external !== undefined) {
    setIfAbsent(state.elements['service-nodeports'], `${protocol} . ${nodePort}`, `goto ${external}`);
  }
}

function setIfAbsent(map: Map<string, string>, key: string, value: string): void {
  if (!map.has(key)) map.set(key, value);
}

function sameBackends(a: readonly Backend[], b: readonly Backend[]): boolean {
  return a.length === b.length && a.every((backend, i) => backend.ip === b[i]?.ip && backend.port === b[i].port);
}

/** Makes the chain that spreads connections over the backends; undefined when there are none. */
function balance(
  state: MutableState,
  chain: string,
  entry: Forwarding,
  backends: readonly Backend[],
): string | undefined {
  if (backends.length === 0) return undefined;
  const { protocol, affinitySeconds } = entry;
  if (affinitySeconds === undefined) {
    const choices = backends.map(({ ip, port }, i) => `${i} : ${ip} . ${port}`).join(', ');
    state.chains.set(chain, [
      `meta l4proto ${protocol} dnat ip addr . port to numgen random mod ${backends.length} map { ${choices} }`,
    ]);
    return chain;
  }
  const targets = backends.map(({ ip, port }) => {
    const suffix = `${chain}/${ip}/${port}`;
    const set = `from/${affinitySeconds}/${suffix}`;
    state.affinitySets.set(set, affinitySeconds);
    state.chains.set(`to/${suffix}`, [
      `update @${set} { ip saddr }`,
      `meta l4proto ${protocol} dnat ip to ${ip}:${port}`,
    ]);
    return { set, chain: `to/${suffix}` };
  });
  const choices = targets.map((target, i) => `${i} : goto ${target.chain}`).join(', ');
  state.chains.set(chain, [
    ...targets.map((target) => `ip saddr @${target.set} goto ${target.chain}`),
    `numgen random mod ${targets.length} vmap { ${choices} }`,
  ]);
  return chain;
}

/** externalTrafficPolicy Local: whoever is on this machine may use all backends, anyone else only those on this node. */
function externalChain(
  state: MutableState,
  entry: Forwarding,
  direct: string | undefined,
  network: ClusterNetwork,
): string | undefined {
  if (entry.externalLocal === undefined || direct === undefined || sameBackends(entry.externalLocal, entry.external))
    return direct;
  const local = balance(state, `loc/${entry.key}`, entry, entry.externalLocal);
  const chain = `ext/${entry.key}`;
  state.chains.set(chain, [
    `ip saddr ${network.podCidr} goto ${direct}`,
    `fib saddr type local goto ${direct}`,
    local === undefined ? 'drop' : `goto ${local}`,
  ]);
  return chain;
}

/** loadBalancerSourceRanges */
function limitSources(state: MutableState, entry: Forwarding, chain: string | undefined): string | undefined {
  if (chain === undefined || entry.sourceRanges.length === 0 || entry.loadBalancerIps.length === 0) return chain;
  const limited = `fw/${entry.key}`;
  const allowed = entry.sourceRanges.map((range) => `ip saddr ${range} goto ${chain}`);
  state.chains.set(limited, [...allowed, 'drop']);
  return limited;
}

import type { ClusterNetwork } from '../network/cluster-network.ts';
import { dockerBridges } from '../network/network-rules.ts';
import { containers } from './nft-state.ts';
import type { ContainerName, NftState } from './nft-state.ts';

export type NftCommand =
  | { readonly do: 'add chain' | 'flush chain' | 'delete chain'; readonly chain: string }
  | { readonly do: 'add rule'; readonly chain: string; readonly rule: string }
  | { readonly do: 'add set'; readonly set: string; readonly seconds: number }
  | { readonly do: 'flush set' | 'delete set'; readonly set: string }
  | {
      readonly do: 'add element' | 'delete element';
      readonly container: ContainerName;
      readonly elements: readonly (readonly [key: string, value: string])[];
    };

export interface NftPlan {
  /** One transaction. Empty when nothing changes. */
  readonly commands: readonly NftCommand[];
  /**
   * What nothing points at any more. It is emptied now and to be deleted by a later transaction: kernels before 6.2 refuse to delete
   * a chain in the moment after the last map element that points at it has gone.
   */
  readonly unused: { readonly chains: readonly string[]; readonly sets: readonly string[] };
}

/** The least that turns `old` into `next`. */
export function planChange(old: NftState, next: NftState): NftPlan {
  const commands: NftCommand[] = [];
  const sets = [...next.affinitySets].filter(([set]) => !old.affinitySets.has(set));
  for (const [set, seconds] of sets) commands.push({ do: 'add set', set, seconds });
  const changed = [...next.chains].filter(([chain, rules]) => !sameRules(old.chains.get(chain), rules));
  // All new chains before any rule, since rules lead from one to another.
  for (const [chain] of changed) if (!old.chains.has(chain)) commands.push({ do: 'add chain', chain });
  for (const [chain, rules] of changed) {
    commands.push({ do: 'flush chain', chain });
    for (const rule of rules) commands.push({ do: 'add rule', chain, rule });
  }
  commands.push(...elementCommands(old, next));
  const chains = [...old.chains.keys()].filter((chain) => !next.chains.has(chain));
  for (const chain of chains) commands.push({ do: 'flush chain', chain });
  const unusedSets = [...old.affinitySets.keys()].filter((set) => !next.affinitySets.has(set));
  // Should the endpoint come back before the set is deleted, it shall not remember its clients.
  for (const set of unusedSets) commands.push({ do: 'flush set', set });
  return {
    commands,
    unused: { chains, sets: unusedSets },
  };
}

function sameRules(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((rule, i) => rule === b[i]);
}

function elementCommands(old: NftState, next: NftState): readonly NftCommand[] {
  return containerNames().flatMap((container) => {
    const before = old.elements[container];
    const after = next.elements[container];
    const gone = [...before].filter(([key, value]) => after.get(key) !== value);
    const come = [...after].filter(([key, value]) => before.get(key) !== value);
    return [
      ...(gone.length > 0 ? [{ do: 'delete element', container, elements: gone } as const] : []),
      ...(come.length > 0 ? [{ do: 'add element', container, elements: come } as const] : []),
    ];
  });
}

function containerNames(): readonly ContainerName[] {
  return ['service-ips', 'service-nodeports', 'no-endpoint-services', 'remote-endpoints', 'hairpin'];
}

export function printCommand(command: NftCommand, table: string): string {
  switch (command.do) {
    case 'add chain':
    case 'flush chain':
    case 'delete chain':
      return `${command.do} ip ${table} ${command.chain}`;
    case 'add rule':
      return `add rule ip ${table} ${command.chain} ${command.rule}`;
    case 'add set':
      return `add set ip ${table} ${command.set} { type ipv4_addr ; flags dynamic,timeout ; timeout ${command.seconds}s ; }`;
    case 'flush set':
    case 'delete set':
      return `${command.do} ip ${table} ${command.set}`;
    case 'add element':
    case 'delete element': {
      // Only the key says what to delete.
      const withValue = command.do === 'add element';
      const list = command.elements.map(([key, value]) => (withValue && value !== '' ? `${key} : ${value}` : key));
      return `${command.do} ip ${table} ${command.container} { ${list.join(', ')} }`;
    }
  }
}

/**
 * The table from nothing, in place of whatever is there; what changes is added by `planChange` from the empty state.
 *
 * Without `expose`, only this machine is served: its own processes on 127.0.0.0/8 and the gateway address, its pods and its Docker
 * containers on any local address. Hooks run just before those of Docker and kube-proxy (dstnat, srcnat); the first to translate wins.
 */
export function baseRuleset(network: ClusterNetwork, expose: boolean): string {
  const { serviceTable: table, interfacePrefix, serviceCidr, gateway } = network;
  const declared = containerNames().map(
    (name) => `  ${containers[name].kind} ${name} { type ${containers[name].type} ; }`,
  );
  const sources = expose ? [''] : [`${interfacePrefix}*`, ...dockerBridges].map((name) => `iifname "${name}" `);
  const nodePortAddresses = expose ? 'fib daddr type local' : `ip daddr { 127.0.0.0/8, ${gateway} }`;
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
${declared.join('\n')}
  chain services {
    ip daddr . meta l4proto . th dport vmap @service-ips
    fib daddr type local meta l4proto . th dport vmap @service-nodeports
  }
  chain prerouting {
    type nat hook prerouting priority dstnat - 5; policy accept;
    ${sources.map((source) => `${source}goto services`).join('\n    ')}
  }
  chain output {
    type nat hook output priority -105; policy accept;
    ip daddr . meta l4proto . th dport vmap @service-ips
    ${nodePortAddresses} meta l4proto . th dport vmap @service-nodeports
  }
  chain postrouting {
    type nat hook postrouting priority srcnat - 6; policy accept;
    ip saddr . ip daddr @hairpin snat to ${gateway}
    ip saddr 127.0.0.0/8 oifname "${interfacePrefix}*" snat to ${gateway}
    ct status dnat ip daddr . meta l4proto . th dport @remote-endpoints fib daddr type != local masquerade
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain unanswered {
    ip daddr ${serviceCidr} goto refuse
    ip daddr . meta l4proto . th dport @no-endpoint-services goto refuse
  }
  chain input { type filter hook input priority filter - 5; policy accept; ct state new goto unanswered ; }
  chain forward { type filter hook forward priority filter - 5; policy accept; ct state new goto unanswered ; }
  chain local-output { type filter hook output priority filter - 5; policy accept; ct state new goto unanswered ; }
}
`;
}

import type { ClusterNetwork } from './cluster-network.ts';
import { ToolMissing, commandFailure, requireCommand, runCommand } from './command.ts';

/** Bridges of Docker networks: containers there are on this machine, like pods. */
export const dockerBridges = ['docker0', 'br-*'] as const;

/**
 * The pod network's own table.
 * - guard: with route_localnet on pod interfaces (which NodePorts on 127.0.0.1 need) a pod could reach the host's loopback
 *   services, so what comes from a pod for 127.0.0.0/8 is dropped before any address is translated back. And the gateway address
 *   answers only to this machine, although Linux takes packets for any of its addresses on any interface.
 * - forward: nobody outside opens a connection to a pod, unless a Service's rules have sent it there.
 * - postrouting: what leaves the pod network takes the machine's address, but containers on Docker's default bridge see the pod's own.
 */
export function networkRuleset(network: ClusterNetwork): string {
  const { networkTable: table, interfacePrefix, podCidr, gateway } = network;
  const fromMachine = dockerBridges.map((name) => `iifname != "${name}"`).join(' ');
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain guard {
    type filter hook prerouting priority raw; policy accept;
    iifname "${interfacePrefix}*" ip daddr 127.0.0.0/8 drop
    iifname != "lo" iifname != "${interfacePrefix}*" ip daddr ${gateway} drop
  }
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
    oifname "${interfacePrefix}*" iifname != "${interfacePrefix}*" ${fromMachine} ct direction original ct status & dnat == 0 drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat - 5; policy accept;
    ip saddr ${podCidr} ip daddr != ${podCidr} fib daddr type != local oifname != "${dockerBridges[0]}" masquerade
  }
}
`;
}

/** Rules without which a FORWARD chain with policy drop, as Docker sets it, keeps pods apart. Order does not matter. */
function acceptRules(interfacePrefix: string): readonly (readonly string[])[] {
  return [
    ['-i', `${interfacePrefix}+`, '-j', 'ACCEPT'],
    ['-o', `${interfacePrefix}+`, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED,DNAT', '-j', 'ACCEPT'],
  ];
}

/** Chains that other programs keep for such rules: DOCKER-USER where Docker is, else FORWARD itself. */
const acceptChains = ['DOCKER-USER', 'FORWARD'] as const;

/**
 * Opens the machine's FORWARD chain for pods, by the iptables program: rules written by nft would make the chain unreadable for
 * iptables and so for Docker. Without iptables on the machine there is no such chain to open.
 */
export async function openForwarding(network: ClusterNetwork): Promise<void> {
  for (const chain of acceptChains) {
    const listed = await iptables('-S', chain);
    if (listed === undefined) return;
    if (listed.code !== 0) {
      if (/permitted|denied/i.test(listed.stderr)) throw commandFailure(`iptables -S ${chain}`, listed.stderr);
      continue;
    }
    for (const rule of acceptRules(network.interfacePrefix)) {
      const present = await iptables('-C', chain, ...rule);
      if (present?.code !== 0) await requireCommand(['iptables', '-w', '-I', chain, ...rule]);
    }
    return;
  }
}

/** Takes back what `openForwarding` did, in whichever chain. */
export async function closeForwarding(network: ClusterNetwork): Promise<void> {
  for (const chain of acceptChains) {
    for (const rule of acceptRules(network.interfacePrefix)) {
      let removed = await iptables('-D', chain, ...rule);
      while (removed?.code === 0) removed = await iptables('-D', chain, ...rule);
      if (removed === undefined) return;
    }
  }
}

/** Undefined when this machine has no iptables. */
async function iptables(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stderr: string } | undefined> {
  try {
    return await runCommand(['iptables', '-w', ...args]);
  } catch (error) {
    if (error instanceof ToolMissing) return undefined;
    throw error;
  }
}

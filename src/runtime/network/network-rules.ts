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
function acceptRules(interfacePrefix: string): readonly string[] {
  return [
    `-i ${interfacePrefix}+ -j ACCEPT`,
    `-o ${interfacePrefix}+ -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT`,
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
    const present = await ownRules(chain, network);
    if (present === undefined) continue;
    const missing = acceptRules(network.interfacePrefix).filter(
      // By interface only: iptables prints the rest in an order of its own.
      (rule) => !present.some((line) => line.includes(rule.slice(0, rule.indexOf('+') + 2))),
    );
    if (missing.length > 0) await changeFilter(missing.map((rule) => `-I ${chain} ${rule}`));
    return;
  }
}

/** Takes back what `openForwarding` did, in whichever chain. */
export async function closeForwarding(network: ClusterNetwork): Promise<void> {
  for (const chain of acceptChains) {
    const present = (await ownRules(chain, network)) ?? [];
    if (present.length > 0) await changeFilter(present.map((line) => line.replace(/^-A/, '-D')));
  }
}

/** This cluster's rules in a chain, as iptables prints them; undefined where there is no such chain, or no iptables. */
async function ownRules(chain: string, network: ClusterNetwork): Promise<readonly string[] | undefined> {
  try {
    const listed = await runCommand(['iptables', '-w', '-S', chain]);
    if (listed.code === 0)
      return listed.stdout.split('\n').filter((line) => line.includes(` ${network.interfacePrefix}+ `));
    if (/permitted|denied/i.test(listed.stderr)) throw commandFailure(`iptables -S ${chain}`, listed.stderr);
    return undefined;
  } catch (error) {
    if (error instanceof ToolMissing) return undefined;
    throw error;
  }
}

async function changeFilter(commands: readonly string[]): Promise<void> {
  await requireCommand(['iptables-restore', '-w', '--noflush'], `*filter\n${commands.join('\n')}\nCOMMIT\n`);
}

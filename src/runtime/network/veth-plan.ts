import { parseIpv4 } from './ipv4.ts';

/** One pod's connection: the host end's name and the pod's address. */
export interface PodLink {
  readonly interfaceName: string;
  readonly ip: string;
}

/** Next hop of every pod. It exists nowhere: a permanent neighbour entry leads to the host end of the veth pair. */
const nextHop = '169.254.1.1';

/** A locally administered MAC from the pod's address, so that no two ends on this machine share one. */
export function macAddress(end: 'pod' | 'host', ip: string): string {
  const address = parseIpv4(ip);
  const octets = [24, 16, 8, 0].map((shift) => ((address >>> shift) & 255).toString(16).padStart(2, '0'));
  return ['0a', end === 'pod' ? '58' : '59', ...octets].join(':');
}

/**
 * `ip -batch` lines run inside the pod's network namespace. They make both ends; the host's end is born in the namespace of process
 * `hostPid`. Fixed MAC addresses and permanent neighbours on both sides: no ARP is ever needed, so the first packet is not delayed.
 */
export function podSideCommands(link: PodLink, hostPid: number, mtu: number): readonly string[] {
  const hostMac = macAddress('host', link.ip);
  return [
    `link add eth0 address ${macAddress('pod', link.ip)} mtu ${mtu} type veth peer name ${link.interfaceName} address ${hostMac} mtu ${mtu} netns ${hostPid}`,
    `addr add ${link.ip}/32 dev eth0`,
    'link set lo up',
    'link set eth0 up',
    `neigh add ${nextHop} lladdr ${hostMac} dev eth0 nud permanent`,
    `route add ${nextHop} dev eth0 scope link`,
    `route add default via ${nextHop} dev eth0 src ${link.ip}`,
  ];
}

/** `ip -batch` lines for the host's end. It needs no address of its own. */
export function hostSideCommands(link: PodLink, gateway: string): readonly string[] {
  return [
    `link set ${link.interfaceName} addrgenmode none`,
    `link set ${link.interfaceName} up`,
    `route replace ${link.ip}/32 dev ${link.interfaceName} src ${gateway}`,
    `neigh replace ${link.ip} lladdr ${macAddress('pod', link.ip)} dev ${link.interfaceName} nud permanent`,
  ];
}

/** Largest counter among the interfaces of this prefix; -1 when there is none. Names are prefix + counter in base 36. */
export function highestCounter(interfaceNames: Iterable<string>, prefix: string): number {
  let highest = -1;
  for (const name of interfaceNames) {
    const suffix = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^[0-9a-z]+$/.test(suffix)) highest = Math.max(highest, Number.parseInt(suffix, 36));
  }
  return highest;
}

/** The addresses that a process's network namespace holds as its own, out of its /proc/PID/net/fib_trie. */
export function localAddresses(fibTrie: string): ReadonlySet<string> {
  const found = new Set<string>();
  let leaf = '';
  for (const line of fibTrie.split('\n')) {
    const node = /\|-- (\d+\.\d+\.\d+\.\d+)/.exec(line);
    if (node?.[1] !== undefined) leaf = node[1];
    else if (/\/32 host LOCAL/.test(line)) found.add(leaf);
  }
  return found;
}

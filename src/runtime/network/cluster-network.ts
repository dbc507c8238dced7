import { addressAt, formatCidr, overlaps, parseCidr } from './ipv4.ts';
import type { Ipv4Range } from './ipv4.ts';
import { NetworkError, requireCommand, runCommand } from './command.ts';
import { systemServiceAddresses } from './address-pool.ts';

/** The addresses and kernel names of one cluster. Plain data: it is kept with the cluster, and never changes during its life. */
export interface ClusterNetwork {
  /** Tells apart the clusters of one machine. */
  readonly index: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The node's own address in the pod network: DNS and API server listen on it, and it is the source of host-to-pod traffic. */
  readonly gateway: string;
  /** ClusterIP of default/kubernetes. */
  readonly kubernetesIp: string;
  /** ClusterIP of kube-system/kube-dns, the nameserver in every pod. */
  readonly dnsIp: string;
  /** Names of host-side interfaces begin with this; no other cluster's do. */
  readonly interfacePrefix: string;
  /** nftables table (family ip) of the pod network: guards and masquerading. */
  readonly networkTable: string;
  /** nftables table (family ip) of the Services. */
  readonly serviceTable: string;
}

const highestIndex = 255;
/** Second octets of the pod ranges, in order of preference; 10.244/16 is what people know from kubeadm and flannel. */
const podOctets = [244, 245, 246, 247, 201, 202] as const;

/** The network of cluster `index`: a /24 for pods and a /20 out of the usual 10.96.0.0/12 for Services. */
export function clusterNetwork(index: number, podOctet: number = podOctets[0]): ClusterNetwork {
  const podCidr = `10.${podOctet}.${index}.0/24`;
  const serviceCidr = `10.${96 + (index >> 4)}.${(index & 15) << 4}.0/20`;
  const [kubernetesIp, dnsIp] = systemServiceAddresses(serviceCidr);
  return {
    index,
    podCidr,
    serviceCidr,
    gateway: addressAt(parseCidr(podCidr), 1),
    kubernetesIp,
    dnsIp,
    interfacePrefix: `kw${index}v`,
    networkTable: `kubewright-${index}`,
    serviceTable: `kubewright-${index}-services`,
  };
}

/** Networks that touch no route in use and no index of `taken`, best first. */
export function* freeClusterNetworks(
  routes: readonly Ipv4Range[],
  taken: ReadonlySet<number>,
): Generator<ClusterNetwork> {
  const isFree = (cidr: string): boolean => !routes.some((route) => overlaps(route, parseCidr(cidr)));
  for (const octet of podOctets) {
    for (let index = 0; index <= highestIndex; index++) {
      if (taken.has(index)) continue;
      const network = clusterNetwork(index, octet);
      if (isFree(network.podCidr) && isFree(network.serviceCidr)) yield network;
    }
  }
}

/**
 * Chooses a network for a new cluster and claims it by adding its gateway address, which two daemons cannot both do.
 * `taken`: indices that other clusters of this user keep, running or not.
 * @throws NetworkError when none is free, or this process may not change the network
 */
export async function claimClusterNetwork(taken: ReadonlySet<number>): Promise<ClusterNetwork> {
  for (const network of freeClusterNetworks(await readRoutes(), taken)) {
    const added = await runCommand(['ip', 'address', 'add', `${network.gateway}/32`, 'dev', 'lo']);
    if (added.code === 0) return network;
    if (!/File exists|already assigned/.test(added.stderr)) {
      throw new NetworkError(
        `cannot add the address ${network.gateway} for the pod network: ${added.stderr.trim()}; ` +
          'a cluster needs root or CAP_NET_ADMIN and CAP_SYS_ADMIN',
      );
    }
  }
  throw new NetworkError(
    'no free address range for pods and Services: all of 10.244-247/16, 10.201/16, 10.202/16 or 10.96.0.0/12 overlap routes of this machine (see "ip route")',
  );
}

/** The destinations this machine has routes or addresses for, except the default route. */
async function readRoutes(): Promise<readonly Ipv4Range[]> {
  // The table "local" tells about addresses on lo as well, which is where gateways of other clusters are.
  const tables = await Promise.all([
    requireCommand(['ip', '-json', '-4', 'route', 'show']),
    requireCommand(['ip', '-json', '-4', 'route', 'show', 'table', 'local']),
  ]);
  return tables.flatMap(routeDestinations);
}

/** Destinations in the JSON output of `ip -json route`; what is no address range (default, broadcast words) is left out. */
export function routeDestinations(json: string): readonly Ipv4Range[] {
  return routeEntries(json).flatMap(({ dst }) => {
    if (!/^\d+(\.\d+){3}(\/\d+)?$/.test(dst)) return [];
    const range = parseCidr(dst.includes('/') ? dst : `${dst}/32`);
    return formatCidr(range) === '0.0.0.0/0' ? [] : [range];
  });
}

export interface RouteEntry {
  readonly dst: string;
  readonly dev: string;
}

/** Entries of `ip -json route`; those without destination or device are left out. */
export function routeEntries(json: string): readonly RouteEntry[] {
  const parsed: unknown = json.trim() === '' ? [] : JSON.parse(json);
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('dst' in entry) || !('dev' in entry)) return [];
    const { dst, dev } = entry;
    return typeof dst === 'string' && typeof dev === 'string' ? [{ dst, dev }] : [];
  });
}

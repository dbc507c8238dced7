import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { sleep } from '../../shared/clock.ts';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { effectiveCapabilities } from '../../shared/process-files.ts';
import { AddressPoolExhausted, podAddressPool } from './address-pool.ts';
import type { AddressPool } from './address-pool.ts';
import type { ClusterNetwork, RouteEntry } from './cluster-network.ts';
import { routeEntries } from './cluster-network.ts';
import { NetworkError, commandFailure, requireCommand, runCommand } from './command.ts';
import { InteractiveTool } from './interactive-tool.ts';
import { NamespaceTool } from './namespace-tool.ts';
import { closeForwarding, networkRuleset, openForwarding } from './network-rules.ts';
import type { PodAddress, PodIdentity, PodNetwork } from './pod-network.ts';
import { highestCounter, hostSideCommands, localAddresses, podSideCommands } from './veth-plan.ts';
import type { PodLink } from './veth-plan.ts';

export interface RoutedNetworkOptions {
  readonly network: ClusterNetwork;
  readonly clock: Clock;
  warn(message: string, error?: unknown): void;
}

/** How `ip` says that an interface is not there, or has gone while it looked. */
const goneDevice = /Cannot find device|No such device/;
/** A firewall that reloads its rules throws out those of others; this often it is looked whether ours are still there. */
const checkInterval: Milliseconds = 60_000;

/**
 * Every pod on its own veth pair with a /32 route: no bridge, so the kernel's forward hook sees all traffic between pods, and pods
 * of one node speak to each other without losing their address. Disposing it stops what runs in this process and leaves the
 * kernel's state, so that pods keep their network while the daemon is away; `removeRoutedNetwork` takes everything down.
 */
export class RoutedNetwork implements PodNetwork {
  readonly name = 'network';
  readonly podCidr: string;
  readonly gateway: string;
  readonly #options: RoutedNetworkOptions;
  readonly #network: ClusterNetwork;
  readonly #pool: AddressPool;
  readonly #links = new Map<string, PodLink>();
  /** Addresses of interfaces found at the start whose pods nobody has taken up yet. */
  readonly #found = new Map<string, string>();
  readonly #ip: InteractiveTool;
  readonly #inside: NamespaceTool;
  #counter = 0;
  #mtu = 1500;

  constructor(options: RoutedNetworkOptions) {
    const { network } = options;
    this.#options = options;
    this.#network = network;
    this.podCidr = network.podCidr;
    this.gateway = network.gateway;
    this.#pool = podAddressPool(network.podCidr, network.gateway);
    this.#ip = new InteractiveTool({
      argv: ['ip', '-force', '-batch', '-'],
      endMarker: (count, line) => ({
        line: `kubewright-${count}`,
        opening: 'Object "kubewright-',
        token: `Command failed -:${line}\n`,
      }),
      clock: options.clock,
    });
    this.#inside = new NamespaceTool(options.clock);
  }

  async start(signal: AbortSignal): Promise<AsyncDisposable> {
    await requireCapabilities();
    signal.throwIfAborted();
    try {
      const [mtu] = await Promise.all([uplinkMtu(), this.#scan(), this.#setUp()]);
      this.#mtu = mtu;
    } catch (error) {
      await this.#ip[Symbol.asyncDispose]();
      throw error;
    }
    const checks = new AbortController();
    const checking = this.#checkNowAndThen(checks.signal);
    return {
      [Symbol.asyncDispose]: async () => {
        checks.abort();
        await checking;
        await this.#ip[Symbol.asyncDispose]();
        await this.#inside[Symbol.asyncDispose]();
      },
    };
  }

  /** What a node needs once. Done again, it changes nothing. */
  async #setUp(): Promise<void> {
    const { gateway, serviceCidr, podCidr } = this.#network;
    const commands = [
      `address replace ${gateway}/32 dev lo`,
      // Lets the host itself reach ClusterIPs where there is no default route, and gives it one stable source address.
      `route replace ${serviceCidr} dev lo src ${gateway}`,
      // Addresses of the pod range that no pod has: an error at once instead of a trip to the default gateway.
      `route replace unreachable ${podCidr}`,
    ];
    const [complaint] = await Promise.all([
      this.#ip.send(commands),
      requireCommand(['nft', '-f', '-'], networkRuleset(this.#network)),
      openForwarding(this.#network),
      enableForwarding(),
    ]);
    if (complaint !== '') throw commandFailure('ip for the gateway address and the Service route', complaint);
  }

  async #checkNowAndThen(signal: AbortSignal): Promise<void> {
    const { clock, warn } = this.#options;
    for (;;) {
      try {
        await sleep(clock, checkInterval, signal);
        const guard = await runCommand(['nft', 'list', 'chain', 'ip', this.#network.networkTable, 'guard']);
        if (guard.code !== 0) {
          warn("the pod network's rules have vanished from the kernel; restoring them");
          await this.#setUp();
        } else await openForwarding(this.#network);
      } catch (error) {
        if (signal.aborted) return;
        warn('the pod network could not be checked', error);
      }
    }
  }

  async attach(pod: PodIdentity, sandboxPid: number, requestedIp?: string): Promise<PodAddress> {
    await this.detach(pod.uid);
    const ip = requestedIp === undefined ? await this.#allocate() : await this.#reserve(requestedIp);
    const link = { interfaceName: `${this.#network.interfacePrefix}${(this.#counter++).toString(36)}`, ip };
    this.#links.set(pod.uid, link);
    try {
      await this.#connect(link, sandboxPid);
    } catch (error) {
      await this.detach(pod.uid);
      throw new NetworkError(
        `cannot connect pod ${pod.namespace}/${pod.name} to the pod network: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    return { ip };
  }

  async adopt(pod: PodIdentity, sandboxPid: number): Promise<PodAddress | undefined> {
    const trie = await readIfPresent(`/proc/${sandboxPid}/net/fib_trie`);
    for (const ip of localAddresses(trie ?? '')) {
      const interfaceName = this.#found.get(ip);
      if (interfaceName === undefined) continue;
      this.#found.delete(ip);
      this.#links.set(pod.uid, { interfaceName, ip });
      return { ip };
    }
    return undefined;
  }

  async detach(uid: string): Promise<void> {
    const link = this.#links.get(uid);
    if (link === undefined) return;
    this.#links.delete(uid);
    // Usually the interface has gone with its sandbox, and the complaint says so.
    const complaint = await this.#ip.send([`link delete ${link.interfaceName}`]);
    if (complaint !== '' && !goneDevice.test(complaint))
      throw commandFailure(`ip link delete ${link.interfaceName}`, complaint);
    this.#pool.release(link.ip);
  }

  async #connect(link: PodLink, sandboxPid: number): Promise<void> {
    await this.#inside.run(sandboxPid, podSideCommands(link, process.pid, this.#mtu));
    const complaint = await this.#ip.send(hostSideCommands(link, this.gateway));
    if (complaint !== '') throw commandFailure('ip for the host side of the pod', complaint);
    await writeFile(`/proc/sys/net/ipv4/conf/${link.interfaceName}/route_localnet`, '1');
  }

  async #allocate(): Promise<string> {
    try {
      return this.#pool.allocate();
    } catch (error) {
      if (!(error instanceof AddressPoolExhausted)) throw error;
      await this.#forgetVanished();
      return this.#pool.allocate();
    }
  }

  async #reserve(ip: string): Promise<string> {
    if (!this.#pool.covers(ip))
      throw new NetworkError(`the requested address ${ip} is not in the pod range ${this.podCidr}`);
    if (this.#found.has(ip)) await this.#forgetVanished();
    if (!this.#pool.reserve(ip)) throw new NetworkError(`the requested address ${ip} is in use`);
    return ip;
  }

  /** Pods that ended while no daemon ran leave their addresses marked as taken; this frees those whose interface is gone. */
  async #forgetVanished(): Promise<void> {
    const present = new Set((await this.#podRoutes()).map(({ dst }) => dst));
    for (const ip of this.#found.keys()) {
      if (present.has(ip)) continue;
      this.#found.delete(ip);
      this.#pool.release(ip);
    }
  }

  async #scan(): Promise<void> {
    const { interfacePrefix } = this.#network;
    const names = routeNames(await requireCommand(['ip', '-json', 'link', 'show']));
    this.#counter = highestCounter(names, interfacePrefix) + 1;
    for (const { dst, dev } of await this.#podRoutes()) if (this.#pool.reserve(dst)) this.#found.set(dst, dev);
  }

  async #podRoutes(): Promise<readonly RouteEntry[]> {
    const routes = routeEntries(await requireCommand(['ip', '-json', '-4', 'route', 'show']));
    return routes.filter(({ dst, dev }) => dev.startsWith(this.#network.interfacePrefix) && this.#pool.covers(dst));
  }
}

/** Takes down all that a cluster's network has put into the kernel. Works without a running cluster, and when called again. */
export async function removeRoutedNetwork(network: ClusterNetwork): Promise<void> {
  const names = routeNames(await requireCommand(['ip', '-json', 'link', 'show']));
  const ours = names.filter((name) => highestCounter([name], network.interfacePrefix) >= 0);
  for (const name of ours) await tolerate(goneDevice, ['ip', 'link', 'delete', name]);
  await tolerate(/No such process/, ['ip', 'route', 'delete', network.serviceCidr, 'dev', 'lo']);
  await tolerate(/No such process/, ['ip', 'route', 'delete', 'unreachable', network.podCidr]);
  await closeForwarding(network);
  const tables = [network.networkTable, network.serviceTable];
  // `table` before `delete` makes the deletion succeed where there is none.
  await requireCommand(
    ['nft', '-f', '-'],
    tables.map((name) => `table ip ${name}\ndelete table ip ${name}\n`).join(''),
  );
  // Last, since it is what claims the rest: from here on all of that may be another cluster's.
  await tolerate(/Cannot assign|not found/, ['ip', 'address', 'delete', `${network.gateway}/32`, 'dev', 'lo']);
}

async function tolerate(harmless: RegExp, argv: readonly [string, ...string[]]): Promise<void> {
  const result = await runCommand(argv);
  if (result.code !== 0 && !harmless.test(result.stderr)) throw commandFailure(argv.join(' '), result.stderr);
}

/** Names in `ip -json link show`. */
function routeNames(json: string): readonly string[] {
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'ifname' in entry && typeof entry.ifname === 'string'
      ? [entry.ifname]
      : [],
  );
}

const capabilities = [
  { bit: 12n, name: 'CAP_NET_ADMIN', why: 'to add interfaces, routes and rules' },
  { bit: 21n, name: 'CAP_SYS_ADMIN', why: "to enter a pod's network namespace" },
] as const;

/** @throws NetworkError that names what is missing */
async function requireCapabilities(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new NetworkError(
      `the pod network needs Linux; this is ${process.platform}. Run the cluster in a Linux machine or VM`,
    );
  }
  const effective = effectiveCapabilities(await readFile('/proc/self/status', 'utf8'));
  const missing = capabilities.filter(({ bit }) => ((effective >> bit) & 1n) === 0n);
  if (missing.length === 0) return;
  const wanted = missing.map(({ name, why }) => `${name} (${why})`).join(' and ');
  throw new NetworkError(`the pod network needs ${wanted}; start the cluster as root, for example with sudo`);
}

async function enableForwarding(): Promise<void> {
  const file = '/proc/sys/net/ipv4/ip_forward';
  if ((await readFile(file, 'utf8')).trim() !== '1') await writeFile(file, '1');
}

/** Packets to the outside should fit the machine's uplink; without one (offline) Ethernet's size is right. */
async function uplinkMtu(): Promise<number> {
  const routes = routeEntries(await requireCommand(['ip', '-json', '-4', 'route', 'show', 'default']));
  const uplink = routes.find(({ dev }) => dev in networkInterfaces());
  if (uplink === undefined) return 1500;
  const mtu = Number(await readIfPresent(`/sys/class/net/${uplink.dev}/mtu`));
  return mtu >= 576 ? Math.min(mtu, 1500) : 1500;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ENOENT' || error.code === 'EINVAL' || error.code === 'ESRCH')
    ) {
      return undefined;
    }
    throw error;
  }
}

import { execFileSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { DisposeStack } from '../../../src/shared/dispose.ts';
import { claimClusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import type { ClusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import { RoutedNetwork, removeRoutedNetwork } from '../../../src/runtime/network/routed-network.ts';
import { NamespacePod } from '../../support/namespace-pod.ts';

const identity = (uid: string) => ({ uid, namespace: 'default', name: uid });
const signal = new AbortController().signal;

function fetchText(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    const socket = connect(port, host);
    socket.on('data', (chunk) => (body += String(chunk)));
    socket.on('end', () => resolve(body));
    socket.on('error', reject);
  });
}

describe('RoutedNetwork', () => {
  let stack: DisposeStack;
  let plan: ClusterNetwork;
  let network: RoutedNetwork;
  const warnings: string[] = [];

  beforeEach(async () => {
    stack = new DisposeStack();
    plan = await claimClusterNetwork(new Set());
    stack.defer(() => removeRoutedNetwork(plan));
    network = new RoutedNetwork({ network: plan, clock: systemClock, warn: (message) => warnings.push(message) });
    stack.use(await network.start(signal));
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  async function pod(uid: string): Promise<{ readonly agent: NamespacePod; readonly ip: string }> {
    const agent = stack.use(await NamespacePod.start(uid));
    return { agent, ...(await network.attach(identity(uid), agent.pid)) };
  }

  it('connects pods with each other, with the host and with themselves, each seen at its own address', async () => {
    const [a, b] = [await pod('a'), await pod('b')];
    expect(await a.agent.tcp(b.ip, 8080)).toEqual({ body: `b ${a.ip}` });
    expect(await a.agent.udp(b.ip, 8081)).toEqual({ body: `b ${a.ip}` });
    expect(await a.agent.tcp(a.ip, 8080)).toEqual({ body: `a ${a.ip}` });
    expect(await fetchText(a.ip, 8080)).toBe(`a ${plan.gateway}`);
    const server = createServer((socket) => socket.end(`host ${socket.remoteAddress}`)).listen(0, plan.gateway);
    stack.defer(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await b.agent.tcp(plan.gateway, port)).toEqual({ body: `host ${b.ip}` });
  });

  it("keeps pods away from services on the host's loopback addresses", async () => {
    const a = await pod('a');
    const server = createServer((socket) => socket.end('secret')).listen(0, '127.0.0.1');
    stack.defer(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    execFileSync('nsenter', [
      '-t',
      String(a.agent.pid),
      '-n',
      'sh',
      '-ec',
      'ip addr del 127.0.0.1/8 dev lo; ip link set lo down; ip route add 127.0.0.1 via 169.254.1.1 dev eth0; sysctl -qw net.ipv4.conf.eth0.route_localnet=1',
    ]);
    expect(await a.agent.tcp('127.0.0.1', port, 300)).toEqual({ error: 'timeout' });
  });

  it('answers at once that an address without a pod is unreachable', async () => {
    const a = await pod('a');
    expect((await a.agent.tcp(plan.gateway.replace(/\.1$/, '.200'), 8080)).error).toBe('EHOSTUNREACH');
  });

  it('adopts pods after a restart, without reusing their address or interface name', async () => {
    const a = await pod('a');
    const gone = await pod('gone');
    await gone.agent[Symbol.asyncDispose]();
    network = new RoutedNetwork({ network: plan, clock: systemClock, warn: (message) => warnings.push(message) });
    stack.use(await network.start(signal));
    expect(await network.adopt(identity('a'), a.agent.pid)).toEqual({ ip: a.ip });
    expect(await network.adopt(identity('gone'), 999_999_999)).toBeUndefined();
    const b = await pod('b');
    expect(b.ip).not.toBe(a.ip);
    expect(await b.agent.tcp(a.ip, 8080)).toEqual({ body: `a ${b.ip}` });
    await network.detach('a');
    expect(await b.agent.tcp(a.ip, 8080)).toEqual({ error: 'EHOSTUNREACH' });
  });

  it('gives a requested address, and says when it is taken, foreign or the sandbox is gone', async () => {
    const agent = stack.use(await NamespacePod.start('a'));
    const wanted = plan.gateway.replace(/\.1$/, '.77');
    expect(await network.attach(identity('a'), agent.pid, wanted)).toEqual({ ip: wanted });
    const other = stack.use(await NamespacePod.start('b'));
    await expect(network.attach(identity('b'), other.pid, wanted)).rejects.toThrow(`${wanted} is in use`);
    await expect(network.attach(identity('b'), other.pid, '192.0.2.9')).rejects.toThrow('not in the pod range');
    await expect(network.attach(identity('c'), 999_999_999)).rejects.toThrow(/cannot connect pod default\/c/);
    await network.detach('a');
    expect(await network.attach(identity('b'), other.pid, wanted)).toEqual({ ip: wanted });
  });

  it('attaches twenty pods at once', async () => {
    const agents = await Promise.all(Array.from({ length: 20 }, (_, i) => NamespacePod.start(`p${i}`)));
    for (const agent of agents) stack.use(agent);
    const addresses = await Promise.all(agents.map((agent) => network.attach(identity(agent.name), agent.pid)));
    expect(new Set(addresses.map(({ ip }) => ip)).size).toBe(20);
    const [first] = agents;
    for (const [i, { ip }] of addresses.entries()) {
      expect(await first?.tcp(ip, 8080)).toEqual({ body: `p${i} ${addresses[0]?.ip}` });
    }
  });

  it('restores rules that a firewall has thrown out', async () => {
    const clock = new ManualClock();
    network = new RoutedNetwork({ network: plan, clock, warn: (message) => warnings.push(message) });
    const running = await network.start(signal);
    execFileSync('nft', ['delete', 'table', 'ip', plan.networkTable]);
    execFileSync('iptables', ['-w', '-D', 'DOCKER-USER', '-i', `${plan.interfacePrefix}+`, '-j', 'ACCEPT']);
    clock.advance(60_000);
    await clock.waitForTimers(); // for the next check
    await running[Symbol.asyncDispose]();
    expect(execFileSync('nft', ['list', 'table', 'ip', plan.networkTable], { encoding: 'utf8' })).toContain(
      'chain guard',
    );
    expect(execFileSync('iptables', ['-S', 'DOCKER-USER'], { encoding: 'utf8' })).toContain(plan.interfacePrefix);
    expect(warnings).toEqual(["the pod network's rules have vanished from the kernel; restoring them"]);
  });

  it('removes everything', async () => {
    await pod('a');
    await removeRoutedNetwork(plan);
    await removeRoutedNetwork(plan);
    const left = [
      execFileSync('ip', ['address'], { encoding: 'utf8' }),
      execFileSync('ip', ['route', 'show', 'table', 'all'], { encoding: 'utf8' }),
      execFileSync('iptables', ['-S'], { encoding: 'utf8' }),
      execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }),
    ].join('\n');
    for (const word of [plan.gateway, plan.serviceCidr, plan.interfacePrefix, plan.networkTable])
      expect(left).not.toContain(word);
  });
});

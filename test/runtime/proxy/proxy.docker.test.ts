import { connect, createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { DisposeStack } from '../../../src/shared/dispose.ts';
import { claimClusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import type { ClusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import { RoutedNetwork, removeRoutedNetwork } from '../../../src/runtime/network/routed-network.ts';
import { parseCidr, addressAt } from '../../../src/runtime/network/ipv4.ts';
import { ServiceProxy } from '../../../src/runtime/proxy/proxy.ts';
import { NamespacePod } from '../../support/namespace-pod.ts';
import { ManualSource, service, slice } from './service-fixtures.ts';

const signal = new AbortController().signal;
const http = [{ name: 'http', port: 8080, protocol: 'TCP' }] as const;
const udp = [{ name: 'udp', port: 8081, protocol: 'UDP' }] as const;

function fetchText(host: string, port: number, localPort?: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    const socket = connect({ port, host, ...(localPort === undefined ? {} : { localPort }) });
    socket.on('data', (chunk) => (body += String(chunk)));
    socket.on('end', () => resolve(body));
    socket.on('error', reject);
  });
}

/** One UDP socket, so that the kernel sees one flow. */
function udpClient(host: string, port: number) {
  const socket = createSocket('udp4');
  return {
    ask: () =>
      new Promise<string>((resolve, reject) => {
        socket.once('message', (data) => resolve(String(data)));
        socket.once('error', reject);
        socket.send('x', port, host);
      }),
    [Symbol.dispose]: () => void socket.close(),
  };
}

describe('ServiceProxy', () => {
  let stack: DisposeStack;
  let plan: ClusterNetwork;
  let network: RoutedNetwork;
  let source: ManualSource;
  let proxy: ServiceProxy;
  let warnings: string[];
  const ip = (offset: number): string => addressAt(parseCidr(plan.serviceCidr), offset);

  beforeEach(async () => {
    stack = new DisposeStack();
    warnings = [];
    plan = await claimClusterNetwork(new Set());
    stack.defer(() => removeRoutedNetwork(plan));
    network = new RoutedNetwork({ network: plan, clock: systemClock, warn: (message) => warnings.push(message) });
    stack.use(await network.start(signal));
    source = new ManualSource();
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  async function startProxy(expose = false): Promise<void> {
    proxy = new ServiceProxy({
      source,
      pods: source,
      network: plan,
      nodeName: 'node',
      expose,
      clock: systemClock,
      warn: (message, error) => warnings.push(`${message} ${String(error)}`),
    });
    stack.use(await proxy.start(signal));
  }

  async function pod(name: string): Promise<{ readonly agent: NamespacePod; readonly ip: string }> {
    const agent = stack.use(await NamespacePod.start(name));
    return { agent, ...(await network.attach({ uid: name, namespace: 'default', name }, agent.pid)) };
  }

  it('serves ClusterIPs and NodePorts to pods and the host, TCP and UDP', async () => {
    const [a, b] = [await pod('a'), await pod('b')];
    source.set(
      service('web', {
        type: 'NodePort',
        clusterIP: ip(100),
        ports: [
          { name: 'http', port: 80, protocol: 'TCP', nodePort: 31_777 },
          { name: 'udp', port: 81, protocol: 'UDP', nodePort: 31_778 },
        ],
      }),
      slice('web', [...http, ...udp], [b.ip]),
    );
    await startProxy();
    expect(await a.agent.tcp(ip(100), 80)).toEqual({ body: `b ${a.ip}` });
    expect(await a.agent.udp(ip(100), 81)).toEqual({ body: `b ${a.ip}` });
    expect(await b.agent.tcp(ip(100), 80)).toEqual({ body: `b ${plan.gateway}` }); // hairpin
    expect(await b.agent.udp(ip(100), 81)).toEqual({ body: `b ${plan.gateway}` });
    expect(await fetchText(ip(100), 80)).toBe(`b ${plan.gateway}`);
    expect(await fetchText('127.0.0.1', 31_777)).toBe(`b ${plan.gateway}`);
    expect(await fetchText('localhost', 31_777)).toBe(`b ${plan.gateway}`);
    expect(await fetchText(plan.gateway, 31_777)).toMatch(/^b /);
    using client = udpClient('127.0.0.1', 31_778);
    expect(await client.ask()).toBe(`b ${plan.gateway}`);
    expect(await a.agent.tcp(plan.gateway, 31_777)).toEqual({ body: `b ${a.ip}` });
    expect(await b.agent.tcp(plan.gateway, 31_777)).toEqual({ body: `b ${plan.gateway}` });
    expect(warnings).toEqual([]);
  });

  it('answers NodePorts on other addresses of the machine only when exposed', async () => {
    const b = await pod('b');
    const outside = stack.use(await NamespacePod.start('outside'));
    // A second machine, joined to this one by a cable.
    const cable = `kwt${plan.index}`;
    stack.defer(() => void execFileSync('ip', ['link', 'delete', cable]));
    execFileSync('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(outside.pid)]);
    execFileSync('ip', ['address', 'add', '198.51.100.1/24', 'dev', cable]);
    execFileSync('ip', ['link', 'set', cable, 'up']);
    execFileSync('nsenter', ['-t', String(outside.pid), '-n', 'ip', '-batch', '-'], {
      input: 'addr add 198.51.100.2/24 dev eth0\nlink set eth0 up\nroute add default via 198.51.100.1\n',
    });
    source.set(
      service('web', { type: 'NodePort', clusterIP: ip(100), ports: [{ name: 'http', port: 80, nodePort: 31_777 }] }),
      slice('web', http, [b.ip]),
    );
    const server = createServer((socket) => socket.end('for this machine only')).listen(0, plan.gateway);
    stack.defer(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    await startProxy();
    expect(await fetchText(plan.gateway, port)).toBe('for this machine only');
    expect(await outside.tcp(plan.gateway, port, 300)).toEqual({ error: 'timeout' });
    expect(await outside.tcp('198.51.100.1', 31_777)).toEqual({ error: 'ECONNREFUSED' });
    await expect(fetchText('198.51.100.1', 31_777)).rejects.toThrow('ECONNREFUSED');
    for (const address of [ip(100), b.ip]) {
      expect((await outside.tcp(address, address === b.ip ? 8080 : 80, 300)).body).toBeUndefined();
    }
    await startProxy(true);
    expect(await outside.tcp('198.51.100.1', 31_777)).toEqual({ body: 'b 198.51.100.2' });
    expect(await fetchText('198.51.100.1', 31_777)).toMatch(/^b /);
    expect(await fetchText('127.0.0.1', 31_777)).toBe(`b ${plan.gateway}`);
  });

  it('refuses at once where no endpoint, port or Service is', async () => {
    const a = await pod('a');
    source.set(
      service('empty', {
        type: 'LoadBalancer',
        clusterIP: ip(100),
        externalIPs: ['203.0.113.7'],
        ports: [{ port: 80 }, { name: 'u', port: 81, protocol: 'UDP' }],
      }),
    );
    await startProxy();
    for (const [address, port] of [
      [ip(100), 80],
      [ip(100), 99],
      [ip(200), 80],
      ['203.0.113.7', 80],
    ] as const) {
      expect(await a.agent.tcp(address, port)).toEqual({ error: 'ECONNREFUSED' });
      await expect(fetchText(address, port)).rejects.toThrow('ECONNREFUSED');
    }
    expect(await a.agent.udp(ip(100), 81)).toEqual({ error: 'ECONNREFUSED' });
  });

  it('spreads connections, and follows changes without one failing connection', async () => {
    const pods = [await pod('a'), await pod('b'), await pod('c'), await pod('d')];
    const [a, b, c, d] = pods.map((one) => one.ip);
    const web = service('web', {
      type: 'NodePort',
      clusterIP: ip(100),
      ports: [{ name: 'http', port: 80, nodePort: 31_777 }],
    });
    source.set(web, slice('web', http, [a ?? '', b ?? '']));
    await startProxy();
    const seen = new Set<string>();
    let connections = 0;
    const stop = new AbortController();
    const caller = async (host: string, port: number): Promise<void> => {
      while (!stop.signal.aborted) {
        seen.add((await fetchText(host, port)).charAt(0));
        connections++;
      }
    };
    const callers = [caller(ip(100), 80), caller('127.0.0.1', 31_777), caller(plan.gateway, 31_777)];
    for (let round = 0; round < 30; round++) {
      const before = connections;
      source.set(slice('web', http, [[a, b], [b, c], [c, d], [d, a], [a, b, c, d], [c]][round % 6]?.map(String) ?? []));
      await proxy.applied();
      while (connections < before + 20) await Promise.race([fetchText(ip(100), 80), ...callers]);
    }
    stop.abort();
    await Promise.all(callers);
    expect([...seen].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(connections).toBeGreaterThan(500);
    expect(warnings).toEqual([]);
  });

  it('tells when no new connection goes to a pod any more', async () => {
    const [a, b] = [await pod('a'), await pod('b')];
    source.set(
      service('web', { clusterIP: ip(100), ports: [{ name: 'http', port: 80 }] }),
      slice('web', http, [a.ip, b.ip]),
    );
    await startProxy();
    await proxy.whenUnrouted('10.244.99.99', 60_000, signal);
    let unrouted = false;
    const waiting = proxy.whenUnrouted(b.ip, 60_000, signal).then(() => (unrouted = true));
    source.set(slice('web', http, [a.ip]));
    expect(unrouted).toBe(false);
    await waiting;
    for (let i = 0; i < 50; i++) expect(await fetchText(ip(100), 80)).toMatch(/^a /);
    // The last resort keeps being served, and does not wait for its own end.
    const leaving = {
      addresses: [a.ip],
      nodeName: 'node',
      conditions: { ready: false, serving: true, terminating: true },
    };
    source.set(slice('web', http, [leaving]));
    await proxy.whenUnrouted(a.ip, 60_000, signal);
    expect(await fetchText(ip(100), 80)).toMatch(/^a /);
    const abort = new AbortController();
    source.set(slice('web', http, [b.ip]));
    await proxy.applied();
    const rejected = expect(proxy.whenUnrouted(b.ip, 60_000, abort.signal)).rejects.toThrow('enough');
    abort.abort(new Error('enough'));
    await rejected;
    await proxy.whenUnrouted(b.ip, 1, signal);
  });

  it('loses no connection while every pod is replaced, though pods die without a farewell', async () => {
    const web = service('web', {
      type: 'NodePort',
      clusterIP: ip(100),
      ports: [{ name: 'http', port: 80, nodePort: 31_777 }],
    });
    let pods = [await pod('a0'), await pod('b0'), await pod('c0')];
    const publish = (): void =>
      source.set(
        slice(
          'web',
          http,
          pods.map((one) => one.ip),
        ),
      );
    source.set(web);
    publish();
    await startProxy();
    const client = await pod('client');
    const seen = new Set<string>();
    const stop = new AbortController();
    const note = (body: string): void => void seen.add(body.split(' ')[0] ?? '');
    const fromHost = async (host: string, port: number): Promise<void> => {
      while (!stop.signal.aborted) note(await fetchText(host, port));
    };
    const fromPod = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const { body, error } = await client.agent.tcp(ip(100), 80);
        if (body === undefined) throw new Error(error);
        note(body);
      }
    };
    const callers = [fromHost(ip(100), 80), fromHost('127.0.0.1', 31_777), fromPod()];
    const failed = Promise.all(callers);
    const replaceAll = async (): Promise<void> => {
      for (let i = 0; i < 9; i++) {
        pods = [...pods, await pod(`${'abc'.charAt(i % 3)}${Math.floor(i / 3) + 1}`)];
        publish();
        const leaving = pods[0];
        pods = pods.slice(1);
        if (leaving === undefined) throw new Error('no pod');
        publish();
        await proxy.whenUnrouted(leaving.ip, 10_000, signal);
        await leaving.agent[Symbol.asyncDispose]();
        await network.detach(leaving.agent.name);
      }
      stop.abort();
    };
    await Promise.all([replaceAll(), failed]);
    expect(seen.size).toBe(12);
    expect(warnings).toEqual([]);
  });

  it('serves host ports of pods', async () => {
    const a = await pod('a');
    const withPorts = (phase: 'Running' | 'Succeeded'): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', name: 'a.b-0' },
      spec: {
        nodeName: 'node',
        containers: [
          {
            name: 'web',
            ports: [
              { containerPort: 8080, hostPort: 31_780 },
              { containerPort: 8081, hostPort: 31_781, protocol: 'UDP', hostIP: '127.0.0.1' },
            ],
          },
        ],
      },
      status: { phase, podIP: a.ip },
    });
    source.set(withPorts('Running'));
    await startProxy();
    expect(await fetchText('127.0.0.1', 31_780)).toBe(`a ${plan.gateway}`);
    using client = udpClient('127.0.0.1', 31_781);
    expect(await client.ask()).toBe(`a ${plan.gateway}`);
    expect(await a.agent.tcp(plan.gateway, 31_780)).toEqual({ body: `a ${plan.gateway}` });
    await proxy.whenUnrouted(a.ip, 60_000, signal);
    source.set(withPorts('Succeeded'));
    await proxy.applied();
    await expect(fetchText('127.0.0.1', 31_780)).rejects.toThrow('ECONNREFUSED');
  });

  it('serves a LoadBalancer address on the loopback interface', async () => {
    const b = await pod('b');
    source.set(
      service(
        'web',
        { type: 'LoadBalancer', clusterIP: ip(100), ports: [{ name: 'http', port: 31_779 }] },
        { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } },
      ),
      slice('web', http, [b.ip]),
    );
    await startProxy();
    expect(await fetchText('127.0.0.1', 31_779)).toBe(`b ${plan.gateway}`);
  });

  it('keeps two clusters of one machine apart', async () => {
    const a = await pod('a');
    source.set(service('web', { clusterIP: ip(100), ports: [{ name: 'http', port: 80 }] }), slice('web', http, [a.ip]));
    await startProxy();
    const other = await claimClusterNetwork(new Set());
    stack.defer(() => removeRoutedNetwork(other));
    const otherNetwork = new RoutedNetwork({
      network: other,
      clock: systemClock,
      warn: (message) => warnings.push(message),
    });
    const running = await otherNetwork.start(signal);
    const b = stack.use(await NamespacePod.start('b'));
    const { ip: address } = await otherNetwork.attach({ uid: 'b', namespace: 'default', name: 'b' }, b.pid);
    expect(await fetchText(address, 8080)).toBe(`b ${other.gateway}`);
    expect(await a.agent.tcp(address, 8080, 300)).toEqual({ error: 'timeout' });
    expect(await b.tcp(ip(100), 80)).toEqual({ error: 'ECONNREFUSED' });
    expect(await b.tcp(plan.gateway, 80, 300)).toEqual({ error: 'timeout' });
    await running[Symbol.asyncDispose]();
    await removeRoutedNetwork(other);
    expect(await fetchText(ip(100), 80)).toBe(`a ${plan.gateway}`);
    expect(await a.agent.tcp(a.ip, 8080)).toEqual({ body: `a ${a.ip}` });
  });

  it('moves UDP clients away from endpoints that have gone', async () => {
    const [a, b] = [await pod('a'), await pod('b')];
    source.set(
      service('dns', { clusterIP: ip(100), ports: [{ name: 'udp', port: 53, protocol: 'UDP' }] }),
      slice('dns', udp, [a.ip]),
    );
    await startProxy();
    using client = udpClient(ip(100), 53);
    expect(await client.ask()).toMatch(/^a /);
    source.set(slice('dns', udp, [b.ip]));
    await proxy.applied();
    expect(await client.ask()).toMatch(/^b /);
  });

  it('keeps a client with its endpoint under sessionAffinity ClientIP', async () => {
    const pods = [await pod('a'), await pod('b'), await pod('c')];
    const sticky = {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
    } as const;
    const endpoints = pods.map((one) => one.ip);
    source.set(
      service('web', { clusterIP: ip(100), ...sticky, ports: [{ name: 'http', port: 80 }] }),
      slice('web', http, endpoints),
    );
    await startProxy();
    const first = await fetchText(ip(100), 80);
    for (let i = 0; i < 20; i++) expect(await fetchText(ip(100), 80)).toBe(first);
    const others = endpoints.filter((_, i) => pods[i]?.agent.name !== first.charAt(0));
    source.set(slice('web', http, others));
    await proxy.applied();
    const second = await fetchText(ip(100), 80);
    expect(second).not.toBe(first);
    source.set(slice('web', http, endpoints));
    await proxy.applied();
    for (let i = 0; i < 20; i++) expect(await fetchText(ip(100), 80)).toBe(second);
    expect(warnings).toEqual([]);
  });

  it('restores its rules after somebody else removed them', async () => {
    const a = await pod('a');
    source.set(service('web', { clusterIP: ip(100), ports: [{ name: 'http', port: 80 }] }), slice('web', http, [a.ip]));
    await startProxy();
    execFileSync('nft', ['delete', 'table', 'ip', plan.serviceTable]);
    source.set(
      service('other', { clusterIP: ip(101), ports: [{ name: 'http', port: 80 }] }),
      slice('other', http, [a.ip]),
    );
    await proxy.applied();
    expect(await fetchText(ip(100), 80)).toMatch(/^a /);
    expect(await fetchText(ip(101), 80)).toMatch(/^a /);
  });
});

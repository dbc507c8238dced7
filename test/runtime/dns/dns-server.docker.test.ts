import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { decode, encode } from 'dns-packet';
import type { DecodedPacket, RecordType } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { DisposeStack } from '../../../src/shared/dispose.ts';
import { responseCodes } from '../../../src/runtime/dns/dns-message.ts';
import { DnsServer } from '../../../src/runtime/dns/dns-server.ts';
import { claimClusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import type { ClusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import { RoutedNetwork, removeRoutedNetwork } from '../../../src/runtime/network/routed-network.ts';
import { systemServices } from '../../../src/runtime/network/system-services.ts';
import { ServiceProxy } from '../../../src/runtime/proxy/proxy.ts';
import { NamespacePod } from '../../support/namespace-pod.ts';
import { ManualSource, service, slice } from '../proxy/service-fixtures.ts';

const signal = new AbortController().signal;
const question = (name: string, type: RecordType = 'A'): Buffer =>
  encode({ type: 'query', id: 4711, flags: 0x0100, questions: [{ name, type }] });

type Answer = DecodedPacket & { readonly code: string | undefined };

/** With the response code, which dns-packet's types leave out. */
function read(packet: Buffer): Answer {
  const code = (packet[3] ?? 0) & 15;
  return { ...decode(packet), code: Object.entries(responseCodes).find(([, value]) => value === code)?.[0] };
}

describe('DnsServer behind its ClusterIP', () => {
  let stack: DisposeStack;
  let plan: ClusterNetwork;
  let source: ManualSource;
  let pod: NamespacePod;
  let server: DnsServer;
  const warnings: string[] = [];

  beforeEach(async () => {
    stack = new DisposeStack();
    plan = await claimClusterNetwork(new Set());
    stack.defer(() => removeRoutedNetwork(plan));
    const network = new RoutedNetwork({ network: plan, clock: systemClock, warn: (message) => warnings.push(message) });
    stack.use(await network.start(signal));
    source = new ManualSource();
    warnings.length = 0;
    server = new DnsServer({
      source,
      network: plan,
      domain: 'cluster.local',
      podExists: () => true,
      upstreams: async () => ['127.0.0.77', '127.0.0.78'],
      clock: systemClock,
      warn: (message, error) => warnings.push(`${message}: ${String(error)}`),
    });
    stack.use(await server.start(signal));
    source.set(...systemServices(plan, { apiServer: 8080, dns: server.port }));
    const proxy = new ServiceProxy({
      source,
      network: plan,
      nodeName: 'node',
      expose: false,
      clock: systemClock,
      warn: (message) => warnings.push(message),
    });
    stack.use(await proxy.start(signal));
    pod = stack.use(await NamespacePod.start('client'));
    await network.attach({ uid: 'client', namespace: 'default', name: 'client' }, pod.pid);
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  /** A packet may get lost on a busy machine, so it asks three times, as resolvers do. */
  async function overUdp(packet: Buffer, timeout = 4000): Promise<Answer> {
    const said: unknown[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { body, error } = await pod.udp(plan.dnsIp, 53, packet.toString('base64'), timeout);
      if (body !== undefined) return read(Buffer.from(body, 'base64'));
      said.push(error);
    }
    throw new Error(said.join(', '));
  }

  async function overTcp(packet: Buffer): Promise<Answer> {
    const length = Buffer.from([packet.length >> 8, packet.length & 255]);
    const { body, error } = await pod.tcp(plan.dnsIp, 53, 4000, Buffer.concat([length, packet]).toString('base64'));
    if (body === undefined) throw new Error(error);
    return read(Buffer.from(body, 'base64').subarray(2));
  }

  it('answers pods by UDP and TCP, and follows changes', async () => {
    for (const ask of [overUdp, overTcp]) {
      const response = await ask(question('Kubernetes.default.svc.cluster.local'));
      expect(response).toMatchObject({ id: 4711, code: 'NOERROR', flag_aa: true, flag_ra: true });
      expect(response.questions?.[0]?.name).toBe('Kubernetes.default.svc.cluster.local');
      expect(response.answers).toMatchObject([{ data: plan.kubernetesIp }]);
      expect((await ask(question('web.default.svc.cluster.local'))).code).toBe('NXDOMAIN');
    }
    source.set(service('web', { clusterIP: '10.96.0.77', ports: [{ port: 80 }] }));
    expect((await overUdp(question('web.default.svc.cluster.local'))).answers).toMatchObject([{ data: '10.96.0.77' }]);
  });

  it('truncates over UDP what TCP then gives in full', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `10.244.0.${i + 10}`);
    source.set(service('many', { clusterIP: 'None', ports: [{ port: 80 }] }), slice('many', [{ port: 80 }], many));
    const short = await overUdp(question('many.default.svc.cluster.local'));
    expect(short.flag_tc).toBe(true);
    expect(short.answers?.length).toBeGreaterThan(25);
    expect((await overTcp(question('many.default.svc.cluster.local'))).answers).toHaveLength(60);
  });

  it('survives hostile packets', async () => {
    const socket = createSocket('udp4');
    stack.defer(() => void socket.close());
    const send = (bytes: Buffer): Promise<void> =>
      new Promise((resolve, reject) =>
        socket.send(bytes, server.port, plan.gateway, (error) => (error ? reject(error) : resolve())),
      );
    const valid = question('web.default.svc.cluster.local');
    for (let i = 0; i < 300; i++) {
      const bytes = Buffer.from(valid.subarray(0, 1 + (i % valid.length)));
      bytes[(i * 7) % bytes.length] = i % 256;
      await send(bytes);
    }
    const garbage = connect(server.port, plan.gateway, () => garbage.end(Buffer.alloc(100_000, 0xc0)));
    garbage.on('error', () => undefined); // the server hangs up
    garbage.resume();
    await new Promise((resolve) => garbage.once('close', resolve));
    expect((await overUdp(question('kubernetes.default.svc.cluster.local'))).code).toBe('NOERROR');
    expect(
      (await overUdp(encode({ type: 'query', id: 1, flags: 0x2800, questions: [{ name: 'a', type: 'A' }] }))).code,
    ).toBe('NOTIMP');
    expect(warnings).toEqual([]);
  });

  it("asks the machine's resolvers about other names, the second when the first is dead, and remembers", async () => {
    const upstream = createSocket('udp4');
    let asked = 0;
    upstream.on('message', (packet, from) => {
      asked++;
      const { id, questions = [] } = decode(packet);
      const name = questions[0]?.name ?? '';
      const isKnown = name.toLowerCase() === 'example.org';
      upstream.send(
        encode({
          type: 'response',
          id: id ?? 0,
          flags: isKnown ? 0 : 3,
          questions,
          answers: isKnown ? [{ type: 'A', name, ttl: 60, data: '192.0.2.80' }] : [],
        }),
        from.port,
        from.address,
      );
    });
    await new Promise<void>((resolve) => upstream.bind(53, '127.0.0.78', () => resolve()));
    stack.defer(() => void upstream.close());
    for (const name of ['example.org', 'EXAMPLE.org', 'example.org']) {
      const response = await overUdp(question(name));
      expect(response.answers).toMatchObject([{ data: '192.0.2.80' }]);
      expect(response.questions?.[0]?.name).toBe(name);
    }
    expect(asked).toBe(1);
    expect((await overTcp(question('nowhere.example'))).code).toBe('NXDOMAIN');
    source.set(service('out', { type: 'ExternalName', externalName: 'example.org' }));
    expect((await overUdp(question('out.default.svc.cluster.local'))).answers).toMatchObject([
      { type: 'CNAME', data: 'example.org' },
      { type: 'A', data: '192.0.2.80', name: 'example.org' },
    ]);
  });

  it('says SERVFAIL soon where no resolver can be reached', async () => {
    expect((await overUdp(question('example.org'), 500)).code).toBe('SERVFAIL');
    expect((await overUdp(question('example.net'), 500)).code).toBe('SERVFAIL');
  });

  it('takes another port where 53 is in use', async () => {
    const second = new DnsServer({
      source,
      network: plan,
      domain: 'cluster.local',
      podExists: () => true,
      upstreams: async () => [],
      clock: systemClock,
      warn: (message) => warnings.push(message),
    });
    stack.use(await second.start(signal));
    expect(second.port).not.toBe(53);
    source.set(...systemServices(plan, { apiServer: 8080, dns: second.port }));
    expect((await overUdp(question('kubernetes.default.svc.cluster.local'))).answers).toHaveLength(1);
  });
});

import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttp2, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCertificates } from '../../../src/runtime/apiserver/certificates.ts';
import { check, type CheckAction, type CheckResult } from '../../../src/runtime/kubelet/probe-check.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { SimulatedEngine } from '../../support/simulated-engine.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

async function listening(server: Server | NetServer | Http2Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}

function run(action: CheckAction, timeout = 5000): Promise<CheckResult> {
  const container = { name: 'app', image: 'x', ports: [{ name: 'web', containerPort: 1 }] };
  const target = { container, containerId: 'id', address: '127.0.0.1' };
  const tools = { engine: new SimulatedEngine(), clock: systemClock };
  return check(action, target, timeout, tools, new AbortController().signal);
}

const pages: RequestListener = (request, response) => {
  const url = request.url ?? '';
  if (url === '/silent') return;
  if (url === '/there') response.writeHead(302, { Location: '/missing' });
  else if (url === '/away') response.writeHead(302, { Location: 'http://elsewhere.invalid/' });
  else if (url === '/loop') response.writeHead(302, { Location: '/loop' });
  else if (url === '/told') response.writeHead(request.headers['x-key'] === 'yes' ? 204 : 400);
  else response.writeHead(url === '/ok' ? 200 : 404);
  response.end('body');
};

describe('HTTP check', () => {
  it('takes 200 to 399 for success and names anything else', async () => {
    const port = await listening(createHttp(pages));
    expect(await run({ httpGet: { port, path: '/ok' } })).toEqual({ ok: true, output: '' });
    expect(await run({ httpGet: { port, path: 'ok' } })).toMatchObject({ ok: true });
    expect(await run({ httpGet: { port } })).toEqual({ ok: false, output: 'HTTP probe failed with statuscode: 404' });
    const httpHeaders = [{ name: 'X-Key', value: 'yes' }];
    expect(await run({ httpGet: { port, path: '/told', httpHeaders } })).toMatchObject({ ok: true });
  });

  it('follows redirects on the host, and no other', async () => {
    const port = await listening(createHttp(pages));
    const there = await run({ httpGet: { port, path: '/there' } });
    expect(there.output).toBe('HTTP probe failed with statuscode: 404');
    const away = await run({ httpGet: { port, path: '/away' } });
    expect(away).toMatchObject({ ok: true, output: '' });
    expect(away.warning).toMatch(/^Probe terminated redirects, Response body: /);
    expect((await run({ httpGet: { port, path: '/loop' } })).output).toContain('stopped after 10 redirects');
  });

  it('says in the words of the kubelet why there is no answer', async () => {
    const port = await listening(createHttp(pages));
    const silent = await run({ httpGet: { port, path: '/silent' } }, 20);
    expect(silent.output).toBe(
      `Get "http://127.0.0.1:${port}/silent": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    );
    const refused = await run({ httpGet: { port: 'web' } });
    expect(refused.output).toBe('Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused');
  });

  it('speaks TLS with whoever answers', async () => {
    const certificates = await openCertificates({
      ...{ directory: temporaryDirectory(), serverNames: ['somewhere.else'], clock: systemClock },
    });
    const { certificate: cert, key } = certificates.server;
    const port = await listening(createHttps({ cert, key }, pages));
    expect(await run({ httpGet: { port, path: '/ok', scheme: 'HTTPS' } })).toEqual({ ok: true, output: '' });
    expect(await run({ httpGet: { port, path: '/ok' } })).toMatchObject({ ok: false });
  });
});

describe('TCP check', () => {
  it('asks for a connection only', async () => {
    const port = await listening(createHttp(pages));
    expect(await run({ tcpSocket: { port } })).toEqual({ ok: true, output: '' });
    expect((await run({ tcpSocket: { port: 1 } })).output).toBe('dial tcp 127.0.0.1:1: connect: connection refused');
    expect((await run({ tcpSocket: { port: 'unnamed' } })).output).toBe('invalid port number: NaN');
  });
});

describe('gRPC check', () => {
  const health = (status: number, grpcStatus = '0'): Http2Server => {
    const server = createHttp2();
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        expect(headers[':path']).toBe('/grpc.health.v1.Health/Check');
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }));
        asked.push(Buffer.concat(parts).toString('hex'));
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
      });
    });
    return server;
  };
  const asked: string[] = [];

  it('asks for the health of a service', async () => {
    const port = await listening(health(1));
    expect(await run({ grpc: { port } })).toEqual({ ok: true, output: '' });
    expect(await run({ grpc: { port, service: 'db' } })).toEqual({ ok: true, output: '' });
    expect(await run({ grpc: { port, service: 'x'.repeat(200) } })).toEqual({ ok: true, output: '' });
    expect(asked.map((hex) => hex.slice(0, 20))).toEqual(['0000000000', '00000000040a026462', '00000000cb0ac8017878']);
  });

  it('tells who is not healthy, or does not speak it', async () => {
    const sick = await run({ grpc: { port: await listening(health(2)) } });
    expect(sick).toEqual({ ok: false, output: 'service unhealthy (responded with "NOT_SERVING")' });
    const other = await run({ grpc: { port: await listening(health(0, '12')) } });
    expect(other.output).toContain('does not implement the grpc health protocol');
    const plain = await run({ grpc: { port: await listening(createHttp(pages)) } }, 1000);
    expect(plain.ok).toBe(false);
    expect((await run({ grpc: { port: 1 } })).output).toContain('connection refused');
  });
});

describe('exec check', () => {
  it('counts the exit code and tells the output', async () => {
    const engine = new SimulatedEngine({ images: ['x'] });
    const id = await engine.create({ name: 'app', image: 'x', labels: {}, network: 'none' });
    await engine.start(id);
    const target = { container: { name: 'app', image: 'x' }, containerId: id, address: '127.0.0.1' };
    const tools = { engine, clock: systemClock };
    const { signal } = new AbortController();
    const exec = { command: ['check'] };
    expect(await check({ exec }, target, 5000, tools, signal)).toEqual({ ok: true, output: '' });
    engine.onExec = async (_container, _options, io) => {
      await io.stdout(Buffer.from('no luck'));
      return 3;
    };
    expect(await check({ exec }, target, 5000, tools, signal)).toEqual({ ok: false, output: 'no luck' });
    engine.onExec = (_container, _options, _io, aborted) =>
      new Promise((_resolve, reject) => aborted.addEventListener('abort', () => reject(aborted.reason)));
    const slow = await check({ exec }, target, 20, tools, signal);
    expect(slow.output).toBe('command timed out: "check" timed out after 20ms');
  });
});

/** Commands and forwarded ports over every protocol that a kubectl asks for: WebSocket, SPDY inside of it, plain SPDY. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PodStreams } from '../../../src/runtime/apiserver/streams/pod-streams.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';
import { Kubectl, kubectlBinaries } from '../../support/kubectl.ts';
import type { Following } from '../../support/kubectl.ts';

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: p1 }
spec: { nodeName: n1, containers: [{ name: c, image: nginx, ports: [{ containerPort: 80 }] }] }
`;

let echo: Server;
let server: TestServer;
let folder: string;

function portOf(listener: Server): number {
  const address: AddressInfo | string | null = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the echo server does not listen');
  return address.port;
}

const streams: PodStreams = {
  async *logs() {
    yield Buffer.from('nothing\n');
  },
  async exec(_pod, _container, { command, tty }, io) {
    const [program = '', argument = '0'] = command;
    if (program === 'cat') for await (const chunk of io.stdin) await io.stdout(chunk);
    if (program === 'flood') await io.stdout(Buffer.alloc(3_000_000, 0x61));
    if (!tty) await io.stderr(Buffer.from('to stderr\n'));
    return { exitCode: Number(argument) };
  },
  async attach(_pod, container, { stdin, tty }, io) {
    if (stdin) for await (const chunk of io.stdin) await io.stdout(chunk);
    await (tty ? io.stdout : io.stderr)(Buffer.from(`${container} over\n`));
    return { exitCode: 0 };
  },
  async connect(_pod, port) {
    if (port === 81) throw new Error('connection refused');
    const socket = connect({ port: portOf(echo), host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-upgrade-'));
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  server = await startTestServer({ podStreams: streams });
  await server.writeKubeconfig(join(folder, 'config'));
  const kubectl = new Kubectl(join(folder, 'config'));
  await kubectl.run('apply -f -', { input: pod });
  await kubectl.run([
    'patch',
    'pod',
    'p1',
    '--subresource=status',
    '--type=merge',
    '-p',
    '{"status":{"phase":"Running"}}',
  ]);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  echo.close();
  await rm(folder, { recursive: true, force: true });
  expect(server.failures).toEqual([]);
});

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function exchange(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end(text);
  return textOf(socket);
}

async function forwarded(forwarding: Following): Promise<number> {
  const line = await forwarding.line(/^Forwarding from 127\.0\.0\.1/);
  return Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
}

describe.each(kubectlBinaries())('kubectl 1.$minor', (binary) => {
  const kubectl = (): Kubectl => new Kubectl(join(folder, 'config'), { binary });

  it('runs commands', async () => {
    expect(await kubectl().run('exec -i p1 -- cat', { input: 'through and back' })).toMatchObject({
      code: 0,
      stdout: 'through and back',
      stderr: 'to stderr\n',
    });
    expect((await kubectl().run('exec p1 -- flood')).stdout).toHaveLength(3_000_000);
    expect((await kubectl().run('exec p1 -- exit 3')).code).toBe(3);
  });

  it('attaches to containers', async () => {
    const { code, stdout, stderr } = await kubectl().run('attach -i p1', { input: 'through and back' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'through and back' });
    expect(stderr).toContain('c over\n');
    expect((await kubectl().run('attach p1')).stderr).toContain('c over\n');
  });

  it('forwards ports, several connections at once, large ones too', async () => {
    await using forwarding = kubectl().follow('port-forward p1 :80');
    const port = await forwarded(forwarding);
    const large = 'x'.repeat(3_000_000);
    const [one, two, three] = await Promise.all([
      exchange(port, 'one'),
      exchange(port, large),
      exchange(port, 'three'),
    ]);
    expect([one, two.length, three]).toEqual(['one', large.length, 'three']);
    expect(await exchange(port, 'again')).toBe('again');
  });

  it('hears why a port cannot be forwarded', async () => {
    await using forwarding = kubectl().follow('port-forward p1 :81');
    const port = await forwarded(forwarding);
    await exchange(port, 'hello').catch(() => undefined);
    expect(await forwarding.line(/error forwarding port 81 to pod p1/)).toContain('connection refused');
  });
});

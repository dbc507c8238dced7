/** Hostile clients and a failing machine: a clear message each, and a cluster that goes on. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Node } from '../../src/types/kinds/core/node.ts';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import { BUSYBOX_IMAGE, clusterName, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { CommandLine } from '../support/command-line.ts';
import { withImages } from '../support/docker.ts';
import { Kubectl, runProgram } from '../support/kubectl.ts';
import { startCluster } from '../../src/runtime/cluster.ts';
import { OwnDockerd } from '../support/own-dockerd.ts';
import { until } from '../support/until.ts';

const cli = resolve(import.meta.dirname, '../../dist/cli.js');

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'kubewright-trouble-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('hostile clients', () => {
  let test: TestCluster;
  beforeAll(async () => {
    test = await startTestCluster();
  });
  afterAll(() => test[Symbol.asyncDispose]());

  interface Reply {
    readonly status: number;
    readonly text: string;
  }

  /** With the administrator's certificate. */
  function send(
    method: string,
    path: string,
    headers: Record<string, string>,
    write: (out: NodeJS.WritableStream) => void,
  ): Promise<Reply> {
    const [key = '', cert = ''] = ['client-key-data', 'client-certificate-data'].map((field) => {
      const text = readFileSync(test.cluster.kubeconfigFile, 'utf8');
      return Buffer.from(new RegExp(`${field}: "?([\\w+/=]+)`).exec(text)?.[1] ?? '', 'base64').toString();
    });
    return new Promise((done, failed) => {
      const asked = request(
        test.cluster.server + path,
        { method, headers, key, cert, rejectUnauthorized: false, agent: false },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => (text += part));
          answer.once('close', () => done({ status: answer.statusCode ?? 0, text }));
        },
      );
      asked.once('error', failed);
      write(asked);
    });
  }

  async function sound(): Promise<void> {
    expect(await test.kubectl.ok('get --raw /readyz')).toBe('ok');
    expect(await test.kubectl.ok('get nodes')).toContain(' Ready ');
  }

  it.each([
    ['garbage', Buffer.from([0, 255, 1, 254, 13, 10, 13, 10, 7])],
    ['plain HTTP', Buffer.from('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n')],
    ['half a TLS greeting', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])],
  ])('%s on the port', async (_what, bytes) => {
    await new Promise<void>((done) => {
      const socket = connect(test.cluster.port, '127.0.0.1', () => socket.end(bytes));
      socket.once('error', () => done());
      socket.once('close', () => done());
      socket.resume();
    });
    await sound();
  });

  it('a body of 100 MB', async () => {
    const part = Buffer.alloc(1024 * 1024, 'x');
    const reply = await send(
      'POST',
      '/api/v1/namespaces/default/configmaps',
      { 'content-type': 'application/json', 'content-length': String(100 * part.length) },
      (out) => {
        for (let count = 0; count < 100; count++) out.write(part);
      },
    ).catch((error: unknown) => ({ status: 0, text: String(error) }));
    // The server may end the connection before it has been sent whole.
    expect([413, 0], reply.text).toContain(reply.status);
    if (reply.status === 413) expect(reply.text).toContain('too large');
    await sound();
  });

  it.each([
    ['{"kind":', 400],
    ['[]', 400],
    ['"text"', 400],
    [`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, 400],
    ['{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":1}}', 400],
    ['{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}}', 422],
  ])('a body that is no good: %.40s', async (text, status) => {
    const kind = text.includes('"Pod"') ? 'pods' : 'configmaps';
    const reply = await send(
      'POST',
      `/api/v1/namespaces/default/${kind}`,
      { 'content-type': 'application/json' },
      (out) => out.end(text),
    );
    expect(reply.status, reply.text).toBe(status);
    expect(JSON.parse(reply.text)).toMatchObject({ kind: 'Status', status: 'Failure' });
    await sound();
  });

  it('a watch client that never reads', async () => {
    const kubectl = test.kubectl;
    await kubectl.ok('create namespace flood');
    const paused = new Promise<() => void>((done) => {
      const text = readFileSync(kubectl.kubeconfig, 'utf8');
      const data = (field: string) =>
        Buffer.from(new RegExp(`${field}: "?([\\w+/=]+)`).exec(text)?.[1] ?? '', 'base64');
      const asked = request(
        `${test.cluster.server}/api/v1/namespaces/flood/configmaps?watch=1`,
        {
          key: data('client-key-data'),
          cert: data('client-certificate-data'),
          rejectUnauthorized: false,
          agent: false,
        },
        (answer) => {
          answer.pause();
          done(() => asked.destroy());
        },
      );
      asked.on('error', () => undefined);
      asked.end();
    });
    const release = await paused;
    const maps = Array.from({ length: 60 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `big-${index}` },
      data: { pad: 'x'.repeat(500_000) },
    }));
    await kubectl.in('flood').ok(['create', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: maps }),
    });
    await sound();
    release();
    await kubectl.ok('delete namespace flood');
  });
});

describe('what keeps a cluster from starting', () => {
  async function refused(env: Readonly<Record<string, string>>): Promise<string> {
    await using kubewright = new CommandLine();
    const { code, stdout, stderr } = await kubewright.run(['cluster', 'start', '--name', clusterName()], env);
    expect(code, stdout).toBe(1);
    expect(stderr, 'a message, not a stack').not.toContain('    at ');
    return stderr;
  }

  it('Docker is not running', async () => {
    expect(await refused({ DOCKER_HOST: `unix://${join(folder(), 'docker.sock')}` })).toContain(
      'Docker is not running',
    );
  });

  it('Docker is elsewhere', async () => {
    expect(await refused({ DOCKER_HOST: 'tcp://example.com:2375' })).toContain(
      'only a Docker engine behind a local socket',
    );
  });

  it('Docker is too old', async () => {
    const socket = join(folder(), 'docker.sock');
    const old = createServer((asked, answer) => {
      const version = { Version: '1.12.0', ApiVersion: '1.24', MinAPIVersion: '1.12', Os: 'linux', Arch: 'amd64' };
      answer.writeHead(asked.url?.endsWith('/version') === true ? 200 : 400, {
        'content-type': 'application/json',
        'api-version': '1.24',
      });
      answer.end(
        JSON.stringify(
          asked.url?.endsWith('/version') === true
            ? version
            : { message: 'client is newer than server (server API version: 1.24)' },
        ),
      );
    });
    await new Promise<void>((done) => old.listen(socket, done));
    try {
      expect(await refused({ DOCKER_HOST: `unix://${socket}` })).toContain(
        'speaks API 1.24, but 1.41 (Docker 20.10) is the oldest that works: update Docker',
      );
    } finally {
      old.closeAllConnections();
      old.close();
    }
  });

  it('nobody is root', async () => {
    const home = folder();
    chmodSync(home, 0o777);
    const { code, stderr } = await runProgram(
      'setpriv',
      [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        cli,
        'cluster',
        'start',
        '--name',
        clusterName(),
      ],
      {
        env: { KUBEWRIGHT_HOME: join(home, 'kubewright'), KUBECONFIG: join(home, 'kubeconfig'), HOME: home },
        cwd: home,
      },
    );
    expect(code).toBe(1);
    expect(stderr).toContain('root');
    expect(stderr).not.toContain('    at ');
  });
});

describe('a machine that fails midway', () => {
  it('fills its disk: writes are refused, and go on once there is space', async () => {
    const disk = folder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
    onTestFinished(() => void execFileSync('umount', ['--lazy', disk]));
    const data = join(disk, 'data');
    const name = clusterName();
    const test = await startTestCluster({ name, dataDir: data });
    try {
      const { kubectl } = test;
      const file = join(disk, 'ballast');
      writeFileSync(file, Buffer.alloc(4 * 1024 * 1024));
      const map = (index: number): string =>
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `big-${index}` },
          data: { pad: 'x'.repeat(900_000) },
        });
      let written = 0;
      let complaint = '';
      while (complaint === '' && written < 60) {
        const { code, stderr } = await kubectl.run(['create', '-f', '-'], { input: map(written) });
        if (code === 0) written++;
        else complaint = stderr;
      }
      expect(complaint).toMatch(/no space is left/);
      expect(await kubectl.ok('get --raw /readyz')).toBe('ok');
      rmSync(file);
      await kubectl.ok('create configmap small --from-literal=a=b');
      const names = (await kubectl.ok('get configmaps -o name')).split('\n');
      expect(names.filter((found) => found.startsWith('configmap/big-'))).toHaveLength(written);
    } finally {
      await test[Symbol.asyncDispose]();
      const { removeCluster } = await import('../../src/runtime/cluster.ts');
      await removeCluster({ name, dataDir: data });
    }
  });

  it('stops Docker: the node says so, and recovers with Docker', async () => {
    await using dockerd = await OwnDockerd.start();
    {
      await using engine = dockerd.engine();
      await withImages(engine, [BUSYBOX_IMAGE]);
    }
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = `unix://${dockerd.socketPath}`;
    try {
      await using cluster = await startCluster({ name: clusterName() });
      const kubectl = new Kubectl(cluster.kubeconfigFile);
      await kubectl.ok(['run', 'box', `--image=${BUSYBOX_IMAGE}`, '--', 'sleep', '1000']);
      await kubectl.ok('wait pod/box --for=condition=Ready --timeout=300s');
      const untilNode = (status: string, pattern: RegExp) =>
        until(cluster.client, Node, {}, ([node]) =>
          (node?.status?.conditions ?? []).some(
            (condition) =>
              condition.type === 'Ready' && condition.status === status && pattern.test(condition.message ?? ''),
          ),
        );
      await dockerd.stop();
      await untilNode('False', /Docker is not running/);
      expect(await kubectl.ok('get nodes')).toContain('NotReady');
      await kubectl.ok('create configmap meanwhile');
      await dockerd.startAgain();
      await untilNode('True', /./);
      await until(
        cluster.client,
        Pod,
        { namespace: 'default', name: 'box' },
        ([box]) => (box?.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 1,
      );
      await kubectl.ok('wait pod/box --for=condition=Ready --timeout=300s');
      await kubectl.ok(['run', 'fresh', `--image=${BUSYBOX_IMAGE}`, '--', 'sleep', '1000']);
      await kubectl.ok('wait pod/fresh --for=condition=Ready --timeout=300s');
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });
});

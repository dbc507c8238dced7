import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PodStreams } from '../../../src/runtime/apiserver/streams/pod-streams.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';
import { Kubectl } from '../../support/kubectl.ts';
import type { Finished } from '../../support/kubectl.ts';

/** A kubelet's side that answers by what it is asked. */
const echo: PodStreams = {
  async *logs(pod, container, options) {
    yield Buffer.from(`${pod.metadata.name ?? ''}/${container} tail=${options.tailLines ?? 'all'}\n`);
  },
  async exec(_pod, _container, options, streams) {
    const [program = '', argument = '0'] = options.command;
    if (program === 'missing') return { error: 'there is no such program' };
    await streams.stderr(Buffer.from('to stderr\n'));
    if (program === 'cat') for await (const chunk of streams.stdin) await streams.stdout(chunk);
    if (program === 'flood') await streams.stdout(Buffer.alloc(3_000_000, 0x61));
    return { exitCode: Number(argument) };
  },
  attach: () => Promise.resolve({ exitCode: 0 }),
  connect: () => Promise.reject(new Error('nothing is forwarded in these tests')),
};

const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: nginx }] }
---
apiVersion: v1
kind: Pod
metadata: { name: p1, labels: { a: b } }
spec: { nodeName: n1, containers: [{ name: c, image: nginx }] }
`;

let server: TestServer;
let folder: string;
let cli: Kubectl;

function kubectl(args: string, input = ''): Promise<Finished> {
  return cli.run(args, { input, env: { HOME: folder } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-kubectl-'));
  server = await startTestServer({ podStreams: echo });
  await server.writeKubeconfig(join(folder, 'config'));
  cli = new Kubectl(join(folder, 'config'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
  expect(server.failures).toEqual([]);
});

describe('kubectl', () => {
  it('applies, and sees that nothing changed', async () => {
    expect(await kubectl('apply -f -', manifests)).toMatchObject({
      code: 0,
      stdout: 'deployment.apps/web created\npod/p1 created\n',
    });
    expect(await kubectl('apply -f -', manifests)).toMatchObject({
      code: 0,
      stdout: 'deployment.apps/web unchanged\npod/p1 unchanged\n',
    });
    expect(await kubectl('apply --server-side -f -', manifests)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('web serverside-applied'),
    });
  });

  it('prints tables, and objects in each format', async () => {
    expect((await kubectl('get deploy')).stdout).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2/);
    expect((await kubectl('get pods -o wide')).stdout).toContain('n1');
    expect((await kubectl('get pod p1 -o jsonpath={.spec.serviceAccountName}')).stdout).toBe('default');
    expect((await kubectl('get pods -o name -l a=b')).stdout).toBe('pod/p1\n');
    expect((await kubectl('get pods -A --field-selector metadata.name=p1 -o name')).stdout).toBe('pod/p1\n');
    expect((await kubectl('describe deploy web')).stdout).toContain('RollingUpdate');
  });

  it('scales, patches and labels', async () => {
    expect((await kubectl('scale deploy web --replicas 3')).code).toBe(0);
    expect((await kubectl('patch deploy web -p {"spec":{"paused":true}}')).stdout).toContain('patched');
    expect((await kubectl('label deploy web x=y')).stdout).toContain('labeled');
    expect(
      (await kubectl('get deploy web -o jsonpath={.spec.replicas},{.spec.paused},{.metadata.labels.x}')).stdout,
    ).toBe('3,true,y');
  });

  it('knows what there is', async () => {
    expect((await kubectl('api-resources')).stdout).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/);
    expect((await kubectl('explain deployment.spec.replicas')).stdout).toContain('<integer>');
    expect((await kubectl('auth can-i create pods')).stdout).toBe('yes\n');
    expect((await kubectl('auth whoami')).stdout).toContain('kubernetes-admin');
    expect((await kubectl('get pods --as jane')).stderr).toContain('User "jane" cannot list resource "pods"');
    expect((await kubectl('version')).stdout).toContain('v1.36.0');
  });

  it('reads logs and runs commands', async () => {
    expect((await kubectl('logs p1 --tail 5')).stdout).toBe('p1/c tail=5\n');
    expect(await kubectl('exec -i p1 -- cat', 'through and back')).toMatchObject({
      code: 0,
      stdout: 'through and back',
      stderr: expect.stringContaining('to stderr'),
    });
    expect((await kubectl('exec p1 -- flood')).stdout).toHaveLength(3_000_000);
    expect((await kubectl('exec p1 -- exit 3')).code).toBe(3);
    expect((await kubectl('exec p1 -- missing')).stderr).toContain('there is no such program');
    expect((await kubectl('exec p1 -c other -- cat')).stderr).toContain('other');
  });

  it('deletes and waits until it is gone', async () => {
    expect(await kubectl('delete deploy web')).toMatchObject({ code: 0 });
    expect(await kubectl('delete pod p1 --grace-period 0 --force')).toMatchObject({ code: 0 });
    expect((await kubectl('get pod p1')).stderr).toContain('pods "p1" not found');
  });
});

/**
 * The examples on a cluster, through the built command line. The guestbook has a test of its own. A minute in all: each is
 * seen at its work, with the images that it names or stand-ins for them.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, NODE_IMAGE } from '../../scripts/images-recipes.ts';
import type { DockerEngine } from '../../src/runtime/engine/docker/docker-engine.ts';
import { clusterName } from '../support/cluster.ts';
import { CommandLine } from '../support/command-line.ts';
import { localDocker } from '../support/docker.ts';
import { Kubectl } from '../support/kubectl.ts';
import { standIns } from '../support/stand-in-images.ts';

const name = clusterName();
const examples = resolve(import.meta.dirname, '../../examples');
/** Ends at once when it is told to, unlike a first process that does not listen for that. */
const serve = (pages: string): string => `trap 'exit 0' TERM\nhttpd -f -p 8080 -h ${pages} &\nwait\n`;
const page = '/usr/share/nginx/html';

/** What follows a change without an object that says so. */
const polling = { timeout: 120_000, interval: 100 };

let engine: DockerEngine;
let images: AsyncDisposable;
let kubewright: CommandLine;
let kubectl: Kubectl;
let folder: string;
beforeAll(async () => {
  engine = await localDocker([BUSYBOX_IMAGE, NODE_IMAGE]);
  images = await standIns(engine, {
    'nginx:1.29': `mkdir -p ${page}; [ -e ${page}/index.html ] || echo Welcome > ${page}/index.html\nhttpd -p 80 -h ${page}\n${serve(page)}`,
    'redis:8.2': { programs: { 'redis-server': 'redis.mjs', 'redis-cli': 'redis.mjs' } },
    'mysql:8.4': { programs: { mysqld: 'mysqld.mjs' }, command: 'mysqld' },
    'wordpress:6.8-apache': { programs: { wordpress: 'wordpress.mjs' }, command: 'wordpress' },
    'postgres:17': { programs: { pg_dump: 'pg_dump' } },
    'ghcr.io/example/node-agent:1.4.0': { programs: { agent: 'node-agent.mjs' }, command: 'agent' },
    'ghcr.io/example/shop:main': `mkdir /www; echo "level $LOG_LEVEL at $HOST" > /www/index.html\n${serve('/www')}`,
  });
  kubewright = new CommandLine();
  kubectl = new Kubectl(kubewright.kubeconfig);
  folder = mkdtempSync(join(tmpdir(), 'kubewright-examples-'));
  cpSync(examples, folder, { recursive: true });
});
afterAll(async () => {
  await kubewright[Symbol.asyncDispose]();
  await images[Symbol.asyncDispose]();
  for (const { tags } of await engine.images())
    for (const tag of tags) if (tag.startsWith('kubewright.local/web:')) await engine.removeImage(tag);
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function up(example: string, ...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubewright.run([
    'up',
    join(folder, example, 'app.ts'),
    '--name',
    name,
    '--timeout',
    '60s',
    '--no-type-check',
    ...flags,
  ]);
  expect(code, stdout + stderr).toBe(0);
  return stderr;
}

async function answer(service: string, path = '/', namespace = 'default'): Promise<string> {
  const address = await kubectl.ok(
    `get service ${service} -n ${namespace} -o jsonpath={.spec.clusterIP}:{.spec.ports[0].port}`,
  );
  return (await fetch(`http://${address}${path}`)).text();
}

function change(file: string, from: string, to: string): void {
  const path = join(folder, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

describe('the examples', () => {
  it('from-source: the image is built when it has changed, and the pods follow', async () => {
    const first = await up('from-source');
    expect(first).toMatch(/Image kubewright\.local\/web:[0-9a-f]{16}: step 1\/\d+: FROM busybox:1\.36/);
    expect(first).toMatch(/✓ Image kubewright\.local\/web:[0-9a-f]{16}: built/);
    expect(await answer('notes')).toContain('Bread, butter');
    expect(await answer('notes', '/greeting.html')).toContain('Notes of today');
    const image = await kubectl.ok('get deployment notes -o jsonpath={.spec.template.spec.containers[0].image}');
    expect(await up('from-source')).not.toContain('Image ');
    change('from-source/web/site/index.html', 'Bread', 'Milk');
    expect(await up('from-source')).toContain('built');
    expect(await answer('notes')).toContain('Milk, butter');
    expect(await kubectl.ok('get deployment notes -o jsonpath={.spec.template.spec.containers[0].image}')).not.toBe(
      image,
    );
    // What shares no Docker with this machine has to find the image in a registry.
    const program = join(folder, 'from-source/app.ts');
    const elsewhere = await kubewright.run(['apply', program, '--dry-run'], {
      KUBEWRIGHT_HOME: join(folder, 'elsewhere'),
    });
    expect(elsewhere.code, elsewhere.stderr).toBe(0);
    expect(elsewhere.stderr).toMatch(
      /docker build -t kubewright\.local\/web:\w+ .* && docker push kubewright\.local\/web/,
    );
    change('from-source/web/site/index.html', 'Milk', 'Honey');
    const applied = await kubewright.run(['apply', program]);
    expect(applied.stderr).toContain('✓ Image kubewright.local/web:');
    expect(applied.stdout).toContain('deployment.apps/notes configured');
    change('from-source/web/Dockerfile', 'COPY site', 'COPY sight');
    const { code, stderr } = await kubewright.run(['up', program, '--name', name]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/web\/Dockerfile:3:1: error: the image kubewright\.local\/web:\w+ cannot be built/);
    expect(stderr).toMatch(/called from .*from-source\/app\.ts:5:\d+/);
  });

  it('website: files become pages, and the pods roll when one of them changes', async () => {
    await up('website');
    expect(await answer('website')).toContain('<html');
    const pods = (): Promise<string> =>
      kubectl.ok(
        'get pods -l app.kubernetes.io/name=website --field-selector=status.phase=Running --sort-by=.metadata.name -o name',
      );
    const before = await pods();
    await up('website');
    expect(await pods()).toBe(before);
    writeFileSync(join(folder, 'website/html/index.html'), '<html>changed</html>\n');
    await up('website');
    expect(await answer('website')).toBe('<html>changed</html>\n');
    const hash = await kubectl.ok(
      'get replicasets -l app.kubernetes.io/name=website -o jsonpath={.items[*].spec.replicas}',
    );
    expect(hash.split(' ').sort()).toEqual(['0', '2']);
  });

  it('environments: two of them beside each other do not mix', async () => {
    await up('environments', '--env', 'dev', '--set', 'image=ghcr.io/example/shop:main');
    writeFileSync(join(folder, 'environments/staging.ts'), readFileSync(join(folder, 'environments/app.ts'), 'utf8'));
    const staging = ['up', join(folder, 'environments/staging.ts'), '--name', name, '--env', 'staging'];
    const { code, stderr } = await kubewright.run([
      ...staging,
      '--no-type-check',
      ...['--set', 'image=ghcr.io/example/shop:main', '--set', 'debug=false', '--set', 'replicas=1'],
    ]);
    expect(code, stderr).toBe(0);
    expect(await answer('dev-shop')).toBe('level debug at dev.shop.example.com\n');
    expect(await answer('staging-shop')).toBe('level info at staging.shop.example.com\n');
    const addresses = await kubectl.ok(
      'get endpointslices -l kubernetes.io/service-name=staging-shop -o jsonpath={.items[*].endpoints[*].addresses}',
    );
    expect(addresses.split(' ')).toHaveLength(1);
  });

  it('existing: manifests of others, patched and in a namespace', async () => {
    await up('existing');
    expect(await answer('hello', '/', 'hello')).not.toBe('');
    expect(await kubectl.ok('get deployment hello -n hello -o jsonpath={.status.availableReplicas}')).toBe('3');
  });

  it('redis: followers learn what the first one is told, and all of them remember it', async () => {
    change('redis/app.ts', 'periodSeconds: 5', 'periodSeconds: 1');
    await up('redis');
    const redis = (pod: string, ...words: readonly string[]): Promise<string> =>
      kubectl.ok(['exec', pod, '--', 'redis-cli', ...words]);
    expect(await redis('redis-0', 'set', 'greeting', 'hello')).toBe('OK');
    await expect.poll(() => redis('redis-2', 'get', 'greeting'), polling).toBe('hello');
    await kubectl.ok('delete pod redis-0 redis-2');
    await kubectl.ok('rollout status statefulset/redis --timeout=300s');
    for (const pod of ['redis-0', 'redis-2']) expect(await redis(pod, 'get', 'greeting')).toBe('hello');
    // A changed setting replaces the pods, not their disks.
    change('redis/redis.conf', 'maxmemory 192mb', 'maxmemory 128mb');
    await up('redis');
    expect(await redis('redis-1', 'get', 'greeting')).toBe('hello');
    expect(await kubectl.ok('exec redis-1 -- cat /etc/redis/redis.conf')).toContain('maxmemory 128mb');
    expect(await kubectl.ok('get pdb redis -o jsonpath={.status.disruptionsAllowed}')).toBe('1');
    expect((await kubewright.run(['down', join(folder, 'redis/app.ts'), '--name', name])).code).toBe(0);
  });

  it('wordpress: posts and uploads outlive the pods of both disks', async () => {
    const path = join(folder, 'wordpress/app.ts');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('periodSeconds: 5', 'periodSeconds: 1'));
    await up('wordpress');
    const address = await kubectl.ok('get service wordpress -o jsonpath={.spec.clusterIP}');
    expect(await (await fetch(`http://${address}/`, { method: 'POST', body: 'first' })).text()).toBe('ok\n');
    const page = 'posts: first; uploads: first.jpg';
    expect(await answer('wordpress')).toBe(page);
    await kubectl.ok('delete pods -l app.kubernetes.io/name=wordpress');
    await kubectl.ok('delete pods -l app.kubernetes.io/name=wordpress-mysql');
    await kubectl.ok('rollout status deployment/wordpress-mysql --timeout=300s');
    await kubectl.ok('rollout status deployment/wordpress --timeout=300s');
    await expect.poll(() => answer('wordpress'), polling).toBe(page);
    expect((await kubewright.run(['down', path, '--name', name])).code).toBe(0);
  });

  it('backup: a job by hand does what the schedule will', async () => {
    await up('backup');
    await kubectl.ok('create job by-hand --from=cronjob/backup');
    await kubectl.ok('wait job/by-hand --for=condition=Complete --timeout=300s');
    const claim = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'backups' } }] };
    const reader = { name: 'reader', image: BUSYBOX_IMAGE, command: ['sh', '-c', 'cat /archive/*.dump'] };
    const spec = {
      restartPolicy: 'Never',
      ...claim,
      containers: [{ ...reader, volumeMounts: [{ name: 'v', mountPath: '/archive' }] }],
    };
    await kubectl.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'reader' }, spec }));
    await kubectl.ok('wait pod/reader --for=jsonpath={.status.phase}=Succeeded --timeout=300s');
    expect(await kubectl.ok('logs reader')).toBe('shop of backup at postgres');
    await kubectl.ok('delete pod reader');
    expect(await kubectl.ok('get cronjob backup')).toMatch(/backup +30 2 \* \* \* +Etc\/UTC +False/);
  });

  it('node-agent: one on each node, with the rights of its account', async () => {
    await up('node-agent');
    const ip = await kubectl.ok('get pods -n node-agent -o jsonpath={.items[*].status.podIP}');
    const node = await kubectl.ok('get nodes -o jsonpath={.items[0].metadata.name}');
    await expect
      .poll(async () => (await fetch(`http://${ip}:9100/`)).json(), polling)
      .toEqual({ node, nodes: [node], secrets: 'Forbidden', logs: true });
  });
});

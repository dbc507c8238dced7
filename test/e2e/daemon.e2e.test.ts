/** The life of a cluster as a background daemon, through the built command line. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, NODE_IMAGE } from '../../scripts/images-recipes.ts';
import { clusterName } from '../support/cluster.ts';
import { CommandLine, traces } from '../support/command-line.ts';
import { localDocker } from '../support/docker.ts';
import { cliFile } from '../support/built-cli.ts';
import { Following, Kubectl } from '../support/kubectl.ts';

beforeAll(async () => {
  await using engine = await localDocker([BUSYBOX_IMAGE, NODE_IMAGE]);
  await engine.info(new AbortController().signal);
});

const SERVE = `require('http').createServer((q, s) => s.end(process.env.HOSTNAME)).listen(8080)`;
const STATUSES =
  'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}{"\\n"}{end}';

async function deployWeb(kubectl: Kubectl): Promise<string> {
  const container = {
    name: 'web',
    image: NODE_IMAGE,
    command: ['node', '-e', SERVE],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
  };
  const labels = { app: 'web' };
  await kubectl.apply(
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
      },
    }),
  );
  await kubectl.ok('rollout status deployment/web --timeout=300s');
  await kubectl.ok('expose deployment web --port=80 --target-port=8080');
  await kubectl.ok(['wait', 'endpoints/web', '--for=jsonpath={.subsets[0].addresses[1].ip}', '--timeout=30s']);
  return `http://${await kubectl.ok('get service web -o jsonpath={.spec.clusterIP}')}/`;
}

/** Writes until it fails, and tells what was acknowledged. */
async function writeUntilFailure(kubectl: Kubectl, begun: () => void): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (;;) {
    const name = `written-${acknowledged.length}`;
    const { code } = await kubectl.run(['create', 'configmap', name]);
    if (code !== 0) return acknowledged;
    acknowledged.push(name);
    if (acknowledged.length === 3) begun();
  }
}

function running(ids: readonly string[]): readonly string[] {
  return execFileSync('docker', ['inspect', '--format', '{{.State.Running}}', ...ids], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

function containerIds(statuses: string): readonly string[] {
  return [...statuses.matchAll(/docker:\/\/(\w+)/g)].map(([, id = '']) => id);
}

describe('a cluster in the background', () => {
  it('survives kill -9 with its containers and every acknowledged write, stops, starts, and goes without a trace', async () => {
    await using kubewright = new CommandLine();
    const name = clusterName();
    expect(await kubewright.ok(['cluster', 'start', '--name', name])).toContain(
      `Cluster ${name} runs at https://127.0.0.1:`,
    );
    const before = await kubewright.status(name);
    expect(before).toMatchObject({ name, state: 'running' });
    expect(statSync(join(kubewright.home, name)).mode & 0o777).toBe(0o700);
    expect(statSync(before.kubeconfig).mode & 0o777).toBe(0o600);
    expect(readFileSync(kubewright.kubeconfig, 'utf8')).toContain(`current-context: kubewright-${name}`);
    const kubectl = new Kubectl(kubewright.kubeconfig);
    const address = await deployWeb(kubectl);
    const statuses = await kubectl.ok(['get', 'pods', '-o', STATUSES]);
    const ids = containerIds(statuses);
    expect(ids).toHaveLength(2);

    let begun = (): void => undefined;
    const writing = new Promise<void>((resolve) => (begun = resolve));
    const writer = writeUntilFailure(kubectl, begun);
    await writing;
    process.kill(before.pid, 'SIGKILL');
    const acknowledged = await writer;
    expect(running(ids)).toEqual(['true', 'true']);
    expect(await (await fetch(address)).text(), 'Services go on without the daemon').toMatch(/^web-/);

    await kubewright.ok(['cluster', 'start', '--name', name]);
    const after = await kubewright.status(name);
    expect(after.server, 'the port stays').toBe(before.server);
    expect(after.pid).not.toBe(before.pid);
    await kubectl.ok('wait pods --all --for=condition=Ready --timeout=300s');
    expect(await kubectl.ok(['get', 'pods', '-o', STATUSES]), 'adopted without a restart').toBe(statuses);
    const found = (await kubectl.ok('get configmaps -o name')).split('\n');
    expect(found).toEqual(expect.arrayContaining(acknowledged.map((written) => `configmap/${written}`)));
    expect(await kubectl.ok('logs deployment/web')).toBe('');
    expect(await (await fetch(address)).text()).toMatch(/^web-/);

    expect(await kubewright.ok(['cluster', 'stop', '--name', name])).toContain('is stopped; its state is kept');
    expect(await kubewright.status(name)).toMatchObject({ state: 'stopped' });
    expect(running(ids)).toEqual(['false', 'false']);
    expect(await kubewright.ok(['cluster', 'stop', '--name', name])).toContain('was not running');
    await kubewright.ok(['cluster', 'start', '--name', name]);
    // Until the node has looked, the API tells of the containers from before.
    await kubectl.ok([
      'wait',
      'pods',
      '--all',
      '--for=jsonpath={.status.containerStatuses[0].restartCount}=1',
      '--timeout=300s',
    ]);
    await kubectl.ok('wait pods --all --for=condition=Ready --timeout=300s');
    await kubectl.ok(['wait', 'endpoints/web', '--for=jsonpath={.subsets[0].addresses[1].ip}', '--timeout=30s']);
    expect(await (await fetch(address)).text()).toMatch(/^web-/);

    const left = traces(name, join(kubewright.home, name));
    expect((await left()).length, 'traces of the running cluster').toBeGreaterThan(5);
    expect(await kubewright.ok(['cluster', 'delete', '--name', name])).toContain('is deleted');
    expect(await left()).toEqual([]);
    expect(existsSync(join(kubewright.home, name))).toBe(false);
    expect(readFileSync(kubewright.kubeconfig, 'utf8')).not.toContain(name);
    expect(await kubewright.status(name)).toMatchObject({ state: 'absent' });
  });

  it('lives beside another, and refuses its folder, its port and wrong names', async () => {
    await using kubewright = new CommandLine();
    const [one, two, three] = [clusterName(), clusterName(), clusterName()];
    await Promise.all([
      kubewright.ok(['cluster', 'start', '--name', one, '--kubeconfig', join(kubewright.folder, 'one')]),
      kubewright.ok(['cluster', 'start', '--name', two, '--kubeconfig', join(kubewright.folder, 'two')]),
    ]);
    const clusters = [new Kubectl(join(kubewright.folder, 'one')), new Kubectl(join(kubewright.folder, 'two'))];
    const addresses = await Promise.all(clusters.map(deployWeb));
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) expect(await (await fetch(address)).text()).toMatch(/^web-/);
    const states = await Promise.all([kubewright.status(one), kubewright.status(two)]);
    expect(await kubewright.ok(['cluster', 'list'])).toMatch(new RegExp(`${[one, two].sort().join('[^]*')}`));
    expect(await kubewright.ok(['cluster', 'start', '--name', one])).toContain('is running already');

    const port = new URL(states[0]?.server ?? '').port;
    const taken = await kubewright.run(['cluster', 'start', '--name', three, '--port', port]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toContain(`127.0.0.1:${port}`);
    expect(taken.stderr).toMatch(/in use/);

    const shared = await kubewright.run([
      'cluster',
      'start',
      '--name',
      three,
      '--data-dir',
      join(kubewright.home, one),
    ]);
    expect(shared.code).toBe(1);
    expect(shared.stderr).toMatch(/in use|another/);

    for (const args of [
      ['cluster', 'start', '--name', 'Not/A Name'],
      ['cluster', 'start', '--name', three, '--port', 'many'],
      ['cluster', 'frob'],
      ['frob'],
    ]) {
      const wrong = await kubewright.run(args);
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).not.toBe('');
      expect(wrong.stderr).not.toContain('    at ');
    }
    // None of that disturbed the two.
    for (const cluster of clusters) expect(await cluster.ok('get --raw /readyz')).toBe('ok');

    const left = [one, two].map((name) => traces(name, join(kubewright.home, name)));
    await kubewright.ok(['cluster', 'delete', '--name', one]);
    expect(await left[0]?.()).toEqual([]);
    expect(await (await fetch(addresses[1] ?? '')).text(), 'the other goes on').toMatch(/^web-/);
    process.kill(states[1]?.pid ?? 0, 'SIGKILL');
    await kubewright.ok(['cluster', 'delete', '--name', two]);
    expect(await left[1]?.(), 'deleted after its daemon was killed').toEqual([]);
  });

  it('runs in the foreground as well, for the same kubectl, until Ctrl-C', async () => {
    const name = clusterName();
    await using line = new CommandLine();
    const child = spawn(process.execPath, [cliFile, 'cluster', 'start', '--foreground', '--name', name], {
      env: { ...process.env, KUBEWRIGHT_HOME: line.home, KUBECONFIG: line.kubeconfig },
    });
    await using running = new Following(child);
    expect(await running.line(/Stop it with Ctrl-C/)).toContain(`context kubewright-${name} in ${line.kubeconfig}`);
    expect(await new Kubectl(line.kubeconfig).ok('config current-context')).toBe(`kubewright-${name}`);
    expect((await line.status(name)).state).toBe('running');
    child.kill('SIGINT');
    await running.ended;
    expect((await line.status(name)).state).toBe('stopped');
    await line.ok(['cluster', 'delete', '--name', name]);
  });
});

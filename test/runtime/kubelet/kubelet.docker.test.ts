import { execFileSync } from 'node:child_process';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { BUSYBOX_IMAGE } from '../../../scripts/images-recipes.ts';
import type { DockerEngine } from '../../../src/runtime/engine/docker/docker-engine.ts';
import { PAUSE_IMAGE } from '../../../src/runtime/engine/pause-image.ts';
import { removePodFolders } from '../../../src/runtime/kubelet/kubelet.ts';
import { claimClusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import { RoutedNetwork, removeRoutedNetwork } from '../../../src/runtime/network/routed-network.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { DisposeStack } from '../../../src/shared/dispose.ts';
import { ConfigMap } from '../../../src/types/kinds/core/config-map.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { Secret } from '../../../src/types/kinds/core/secret.ts';
import type { Container, PodSpec } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { localDocker } from '../../support/docker.ts';
import { isReady, KubeletBench } from './kubelet-bench.ts';

const signal = new AbortController().signal;
const CLUSTER = 'kubelet-test';
const sh = (script: string): Container => ({
  name: 'app',
  image: BUSYBOX_IMAGE,
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', script],
});
const forever = (script = ''): string => `trap 'exit 0' TERM; ${script} while :; do sleep 1 & wait $!; done`;

describe('kubelet on Docker', () => {
  let stack: DisposeStack;
  let engine: DockerEngine;
  let bench: KubeletBench;
  let dataFolder: string;
  let network: RoutedNetwork;

  beforeEach(async () => {
    stack = new DisposeStack();
    engine = stack.use(await localDocker());
    dataFolder = mkdtempSync(join(tmpdir(), 'kubewright-kubelet-'));
    stack.defer(async () => {
      await removePodFolders(dataFolder);
      rmSync(dataFolder, { recursive: true });
    });
    const plan = await claimClusterNetwork(new Set());
    stack.defer(() => removeRoutedNetwork(plan));
    network = new RoutedNetwork({ network: plan, clock: systemClock, warn: () => undefined });
    stack.use(await network.start(signal));
    bench = await start();
    onTestFailed(() =>
      console.log(
        bench.events,
        bench.errors,
        JSON.stringify(
          bench.table.rows(Pod).map((p) => 'status' in p && p.status),
          null,
          1,
        ),
      ),
    );
    stack.defer(async () => {
      await bench[Symbol.asyncDispose]();
      const left = await engine.list({ 'kubewright.dev/cluster': CLUSTER });
      await Promise.all(left.map(({ id }) => engine.remove(id)));
    });
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  function start(table?: KubeletBench['table']): Promise<KubeletBench> {
    const rest = table ? { table } : {};
    return KubeletBench.start({ engine, clock: systemClock, dataFolder, cluster: CLUSTER, network, ...rest });
  }

  async function logs(pod: Pod, previous = false): Promise<string> {
    const parts: Buffer[] = [];
    const options = { follow: false, previous, timestamps: false };
    for await (const data of bench.kubelet.streams.logs(pod, 'app', options, signal)) parts.push(Buffer.from(data));
    return Buffer.concat(parts).toString();
  }

  async function exec(pod: Pod, command: readonly string[]): Promise<string> {
    const parts: Buffer[] = [];
    const none = (async function* () {})();
    const take = async (data: Uint8Array): Promise<void> => void parts.push(Buffer.from(data));
    const options = { command, stdin: false, stdout: true, stderr: true, tty: false };
    const io = { stdin: none, resize: none, stdout: take, stderr: take };
    expect(await bench.kubelet.streams.exec(pod, 'app', options, io, signal)).toEqual({ exitCode: 0 });
    return Buffer.concat(parts).toString();
  }

  it('gives a container its name, address, files and environment from its first instruction', async () => {
    const container: Container = {
      ...sh(
        forever(
          'hostname; ip -4 addr show eth0 | grep -o "inet [0-9.]*"; echo $IP $COLOR; cat /etc/hosts /etc/resolv.conf /etc/hostname /c/a/x /s/key; id -g;',
        ),
      ),
      env: [
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'color' } } },
      ],
      volumeMounts: [
        { name: 'c', mountPath: '/c' },
        { name: 's', mountPath: '/s', readOnly: true },
        { name: 'e', mountPath: '/e' },
        { name: 'm', mountPath: '/m' },
        { name: 'c', mountPath: '/one/color', subPath: 'color' },
      ],
      resources: { limits: { memory: '64Mi', cpu: '500m' } },
    };
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'cfg' } };
    bench.table.put(ConfigMap, Object.assign({}, configMap, { data: { color: 'blue', file: 'content\n' } }));
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'sec' } };
    bench.table.put(Secret, Object.assign({}, secret, { data: { key: Buffer.from('hidden\n').toString('base64') } }));
    const spec: PodSpec = {
      containers: [container],
      volumes: [
        {
          name: 'c',
          configMap: {
            name: 'cfg',
            items: [
              { key: 'file', path: 'a/x' },
              { key: 'color', path: 'color' },
            ],
          },
        },
        { name: 's', secret: { secretName: 'sec', defaultMode: 0o400 } },
        { name: 'e', emptyDir: {} },
        { name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      ],
    };
    bench.createPod('web', spec);
    const pod = await bench.untilReady('web');
    const ip = pod.status?.podIP ?? '';
    const text = await exec(pod, ['sh', '-c', 'cat /one/color; mount | grep " /m "; df -k /m | tail -1']);
    expect(text).toMatch(/^blue.*tmpfs/s);
    const log = await logs(pod);
    expect(log.split('\n').slice(0, 3)).toEqual(['web', `inet ${ip}`, `${ip} blue`]);
    expect(log).toContain(`${ip}\tweb`);
    expect(log).toContain('search default.svc.cluster.local svc.cluster.local cluster.local');
    expect(log).toContain('content\nhidden\n');
    // Live update: every reader goes through ..data.
    bench.table.put(ConfigMap, Object.assign({}, configMap, { data: { color: 'red', file: 'changed\n' } }));
    let seen = '';
    while (seen !== 'changed\n') seen = await exec(pod, ['cat', '/c/a/x']);
    await bench.table.of(Pod).delete({ namespace: 'default', name: 'web' });
    await bench.untilGone('web');
    expect(await engine.list({ 'kubewright.dev/cluster': CLUSTER })).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('web-uid');
    expect(execFileSync('find', ['/sys/fs/cgroup', '-name', 'podweb-uid'], { encoding: 'utf8' })).toBe('');
    expect(bench.errors).toEqual([]);
  });

  it('probes over HTTP, restarts after docker kill, keeps the last log', async () => {
    const script = forever('echo run; mkdir -p /www; echo ok > /www/index.html; httpd -p 8080 -h /www;');
    const readinessProbe = { httpGet: { port: 8080, path: '/index.html' }, periodSeconds: 1 };
    bench.createPod('web', { containers: [{ ...sh(script), readinessProbe }], terminationGracePeriodSeconds: 1 });
    const pod = await bench.untilReady('web');
    const id = pod.status?.containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? '';
    execFileSync('docker', ['kill', id]);
    const again = await bench.until(
      'web',
      (now) => isReady(now) && now.status?.containerStatuses?.[0]?.restartCount === 1,
    );
    expect(again.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'Error',
    });
    expect(await logs(again, true)).toBe('run\n');
    expect(bench.errors).toEqual([]);
  });

  it('says why a command cannot be started', async () => {
    bench.createPod('bad', { containers: [{ ...sh(''), command: ['/no/such/program'] }] });
    const pod = await bench.until(
      'bad',
      ({ status }) =>
        status?.containerStatuses?.[0]?.restartCount === 1 &&
        status.containerStatuses[0].state?.waiting?.reason === 'CrashLoopBackOff',
    );
    expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      reason: 'ContainerCannotRun',
      exitCode: 127,
    });
    expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated?.message).toContain('/no/such/program');
  });

  it('reads the termination message and knows an end by lack of memory', async () => {
    const script = 'echo because > /dev/termination-log; exit 4';
    bench.createPod('job', { containers: [sh(script)], restartPolicy: 'Never' });
    const pod = await bench.until('job', ({ status }) => status?.phase === 'Failed');
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 4,
      reason: 'Error',
      message: 'because\n',
    });
    const hungry = { ...sh('x=1; while :; do x=$x$x; done'), resources: { limits: { memory: '16Mi' } } };
    bench.createPod('oom', { containers: [hungry], restartPolicy: 'Never' });
    const killed = await bench.until('oom', ({ status }) => status?.phase === 'Failed');
    expect(killed.status?.containerStatuses?.[0]?.state?.terminated?.reason).toBe('OOMKilled');
  });

  it('takes running containers up again without a restart', async () => {
    bench.createPod('web', { containers: [sh(forever())], terminationGracePeriodSeconds: 1 });
    const before = await bench.untilReady('web');
    await bench[Symbol.asyncDispose]();
    bench = await start(bench.table);
    await bench.table.of(Pod).delete({ namespace: 'default', name: 'web' });
    await bench.untilGone('web');
    expect(before.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(bench.events).toEqual(['Killing: Stopping container app']);
  });

  it('starts a pod hardly slower than the bare Docker API a pair', async () => {
    const bare: number[] = [];
    const whole: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      bare.push(await timed(() => barePair(engine, `bare-${round}`)));
      whole.push(
        await timed(async () => {
          bench.createPod(`p${round}`, { containers: [sh(forever())] });
          await bench.untilReady(`p${round}`);
        }),
      );
    }
    const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[3] ?? 0;
    console.log(`pod start: ${median(whole).toFixed(0)} ms, bare Docker pair: ${median(bare).toFixed(0)} ms`);
    // Benchmarks have the exact figure: here a machine under load only has to show that nothing waits for a timer.
    expect(median(whole)).toBeLessThan(median(bare) * 3 + 3000);
    const all = Array.from({ length: 10 }, (_, index) => `many-${index}`);
    const took = await timed(async () => {
      for (const name of all) bench.createPod(name, { containers: [sh(forever())] });
      await Promise.all(all.map((name) => bench.untilReady(name)));
    });
    const floor = await timed(() => Promise.all(all.map((name) => barePair(engine, name))));
    console.log(`10 pods: ${took.toFixed(0)} ms, 10 bare pairs: ${floor.toFixed(0)} ms`);
    expect(bench.errors).toEqual([]);
  });
});

async function timed(action: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await action();
  return performance.now() - begun;
}

/** The fast way: an own empty network, the second container made while the first one starts. */
async function barePair(engine: DockerEngine, name: string): Promise<void> {
  const labels = { 'kubewright.dev/cluster': CLUSTER };
  const securityOptions = ['seccomp=unconfined'];
  const pause = await engine.create({
    name: `kw-${name}-p`,
    image: PAUSE_IMAGE,
    labels,
    network: 'disabled',
    ipc: 'shareable',
    securityOptions,
  });
  const app = engine.create({
    ...{ name: `kw-${name}-a`, image: BUSYBOX_IMAGE, labels, securityOptions },
    ...{ network: { container: pause }, ipc: { container: pause }, entrypoint: ['sh', '-c', forever()] },
  });
  await engine.start(pause);
  await engine.start(await app);
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Container, NodeCondition, PodSpec } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { ConfigMap } from '../../../src/types/kinds/core/config-map.ts';
import { Node } from '../../../src/types/kinds/core/node.ts';
import { PersistentVolumeClaim } from '../../../src/types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../../src/types/kinds/core/persistent-volume.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { mountTmpfs, unmount } from '../../../src/runtime/kubelet/mounts.ts';
import { removePodFolders } from '../../../src/runtime/kubelet/kubelet.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SimulatedEngine } from '../../support/simulated-engine.ts';
import { runUntilTerm } from '../../support/simulated-program.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { boundClaim, referenceTo, volumeOf } from '../../types/storage/objects.ts';
import { isReady, KubeletBench } from './kubelet-bench.ts';

const app: Container = { name: 'app', image: 'app:1', imagePullPolicy: 'IfNotPresent' };
const spec = (container: Partial<Container> = {}, rest: Partial<PodSpec> = {}): PodSpec => ({
  containers: [{ ...app, ...container }],
  ...rest,
});
const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

describe('kubelet', () => {
  let clock: ManualClock;
  let engine: SimulatedEngine;
  let bench: KubeletBench;
  let dataFolder: string;

  beforeEach(async () => {
    clock = new ManualClock();
    engine = new SimulatedEngine({ clock, images: ['app:1'] });
    dataFolder = temporaryDirectory();
    bench = await KubeletBench.start({ engine, clock, dataFolder, cluster: 'test' });
    onTestFinished(async () => {
      await bench[Symbol.asyncDispose]();
      await removePodFolders(dataFolder);
    });
  });

  const name = (pod: string, attempt = 0): string => `k8s_app_${pod}_default_${pod}-uid_${attempt}`;
  const idOf = (pod: string, attempt = 0): string => engine.find(name(pod, attempt))?.state.id ?? '';

  it('registers the node', () => {
    const ready = bench.node()?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'True', reason: 'KubeletReady' });
    expect(bench.node()?.status?.capacity).toMatchObject({ cpu: '4', pods: '110', memory: '8388608Ki' });
  });

  it('runs a pod: sandbox, network, container, status', async () => {
    bench.createPod('web', spec());
    const pod = await bench.untilReady('web');
    expect(pod.status).toMatchObject({
      phase: 'Running',
      podIP: '10.99.0.2',
      hostIP: '127.0.0.1',
      qosClass: 'BestEffort',
    });
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      name: 'app',
      ready: true,
      started: true,
      restartCount: 0,
    });
    expect(pod.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
    expect(engine.find('k8s_POD_web_default_web-uid_0')?.spec.hostname).toBe('web');
    expect(engine.find(name('web'))?.spec.labels['kubewright.dev/cluster']).toBe('test');
    expect(bench.events.map((text) => text.split(':')[0])).toEqual(['Pulled', 'Created', 'Started']);
    expect(bench.errors).toEqual([]);
  });

  it('tries volumes that cannot be had ever later, and at once when their claim changes', async () => {
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    bench.createPod('web', spec({ volumeMounts: [{ name: 'v', mountPath: '/data' }] }, { volumes }));
    await clock.run(60_000);
    const failures = bench.events.filter((text) => text.startsWith('FailedMount: '));
    expect(failures[0]).toMatch(/persistentvolumeclaims "data" not found$/);
    // After 0, 0.5, 1, 2, 4, 8, 16 and 32 seconds, counted from one try to the next, and looked at once a second.
    expect(failures.length).toBeGreaterThanOrEqual(4);
    expect(failures.length).toBeLessThanOrEqual(8);
    const claim = boundClaim('data', 'pv');
    const local = { path: temporaryDirectory() };
    bench.table.put(PersistentVolume, volumeOf('pv', { claimRef: referenceTo(claim), local }));
    bench.table.put(PersistentVolumeClaim, claim);
    await bench.untilReady('web');
    expect(bench.errors).toEqual([]);
  });

  it('restarts a crashed container at once, then with growing back-off', async () => {
    bench.createPod('web', spec());
    await bench.untilReady('web');
    engine.crash(idOf('web'), 3);
    const once = await bench.until(
      'web',
      (pod) => pod.status?.containerStatuses?.[0]?.restartCount === 1 && pod.status.containerStatuses[0].ready,
    );
    expect(once.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    engine.crash(idOf('web', 1), 3);
    const waiting = await bench.until(
      'web',
      (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
    );
    expect(waiting.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(
      'back-off 10s restarting failed container=app pod=web_default(web-uid)',
    );
    expect(waiting.status).toMatchObject({ phase: 'Running' });
    await clock.run(10_000);
    await bench.until(
      'web',
      (pod) => pod.status?.containerStatuses?.[0]?.restartCount === 2 && pod.status.containerStatuses[0].ready,
    );
    engine.crash(idOf('web', 2), 3);
    const longer = await bench.until(
      'web',
      (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
    );
    expect(longer.status?.containerStatuses?.[0]?.state?.waiting?.message).toContain('back-off 20s');
    expect(bench.errors).toEqual([]);
  });

  it('ends a deleted pod: SIGTERM, removal, then the API object', async () => {
    bench.createPod('web', spec());
    await bench.untilReady('web');
    await bench.table.of(Pod).delete(key('web'));
    await bench.untilGone('web');
    expect(engine.journal.filter((line) => /^(stop|remove)/.test(line))).toEqual([
      `stop ${name('web')}`,
      'remove k8s_POD_web_default_web-uid_0',
      `remove ${name('web')}`,
    ]);
    expect(bench.events).toContain('Killing: Stopping container app');
    expect(await engine.list({})).toEqual([]);
    expect(bench.errors).toEqual([]);
  });

  it('runs init containers one after the other before the main ones', async () => {
    engine.program = (made) => (made.name.includes('_init') ? { steps: [{ exit: 0 }] } : { steps: [{ untilTerm: 0 }] });
    const initContainers = ['init-a', 'init-b'].map((init) => ({ ...app, name: init }));
    bench.createPod('web', spec({}, { initContainers }));
    while (!isReady(bench.pod('web'))) await clock.run(1);
    const pod = await bench.untilReady('web');
    const starts = engine.journal.filter((line) => line.startsWith('start')).map((line) => line.split('_')[1]);
    expect(starts).toEqual(['POD', 'init-a', 'init-b', 'app']);
    expect(pod.status?.initContainerStatuses?.map((status) => status.state?.terminated?.reason)).toEqual([
      'Completed',
      'Completed',
    ]);
  });

  it('ends a pod whose containers are done, and keeps them for their logs', async () => {
    engine.program = (made) =>
      made.name.includes('_POD_') ? runUntilTerm : { steps: [{ stdout: 'done\n' }, { exit: 0 }], exitAfter: 100 };
    bench.createPod('job', spec({}, { restartPolicy: 'Never' }));
    await bench.untilReady('job');
    await clock.run(100);
    const pod = await bench.until('job', ({ status }) => status?.phase === 'Succeeded');
    expect(pod.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'PodCompleted',
    });
    const options = { follow: false, previous: false, timestamps: false };
    const chunks: Buffer[] = [];
    for await (const data of bench.kubelet.streams.logs(pod, 'app', options, new AbortController().signal))
      chunks.push(Buffer.from(data));
    expect(Buffer.concat(chunks).toString()).toBe('done\n');
  });

  it('is ready as long as the gates of others are open', async () => {
    bench.createPod('web', spec({}, { readinessGates: [{ conditionType: 'example.com/a' }] }));
    await bench.until('web', ({ status }) => status?.phase === 'Running');
    for (const status of ['True', 'False', 'True'] as const) {
      const pod = bench.pod('web');
      const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'example.com/a');
      const conditions = [...others, { type: 'example.com/a', status }];
      const changed: Pod = { ...pod, status: { ...pod.status, conditions } };
      bench.table.put(Pod, changed);
      const seen = await bench.until('web', (now) => isReady(now) === (status === 'True'));
      expect(seen.status?.conditions?.find(({ type }) => type === 'example.com/a')?.status).toBe(status);
    }
  });

  it('lets the news that a spec was seen wait for what comes of it', async () => {
    bench.createPod('web', spec());
    const pod = await bench.untilReady('web');
    bench.table.put(Pod, { ...pod, metadata: { ...pod.metadata, generation: 2 } });
    await clock.run(400);
    expect(bench.pod('web').status?.observedGeneration).toBe(1);
    await clock.run(100);
    expect(bench.pod('web').status?.observedGeneration).toBe(2);
  });

  it('waits for a ConfigMap, and goes on as soon as it is there', async () => {
    bench.createPod('web', spec({ envFrom: [{ configMapRef: { name: 'cfg' } }] }));
    const pod = await bench.until(
      'web',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
    );
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('configmap "cfg" not found');
    const data = { COLOR: 'blue' };
    bench.table.put(ConfigMap, Object.assign({ apiVersion: 'v1', kind: 'ConfigMap', metadata: key('cfg') }, { data }));
    await bench.untilReady('web');
    expect(engine.find(name('web'))?.spec.env).toContain('COLOR=blue');
  });

  it('tells why an image cannot be had, and tries again with back-off', async () => {
    bench.createPod('web', spec({ image: 'registry.test/none:1' }));
    const failed = await bench.until(
      'web',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull',
    );
    expect(failed.status?.phase).toBe('Pending');
    await clock.run(1000);
    await bench.until(
      'web',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff',
    );
    engine.publish('registry.test/none:1');
    await clock.run(10_000);
    await bench.untilReady('web');
  });

  it('kills and restarts what fails its liveness probe', async () => {
    engine.onExec = async () => 1;
    const livenessProbe = { exec: { command: ['check'] }, periodSeconds: 5, failureThreshold: 2 };
    bench.createPod('web', spec({ livenessProbe }, { terminationGracePeriodSeconds: 1 }));
    await bench.untilReady('web');
    await clock.run(6000);
    await bench.until('web', (pod) => pod.status?.containerStatuses?.[0]?.restartCount === 1);
    expect(bench.events).toContain('Killing: Container app failed liveness probe, will be restarted');
    expect(bench.events).toContain('Unhealthy: Liveness probe failed: ');
  });

  it('is ready only when its readiness probe says so', async () => {
    let code = 1;
    engine.onExec = async () => code;
    bench.createPod('web', spec({ readinessProbe: { exec: { command: ['check'] }, periodSeconds: 2 } }));
    const pod = await bench.until('web', ({ status }) => status?.phase === 'Running');
    expect(pod.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [app]',
    });
    await clock.run(1);
    code = 0;
    await clock.run(2000);
    await bench.untilReady('web');
  });

  it('makes a new sandbox with a new address when the old one died', async () => {
    bench.createPod('web', spec());
    await bench.untilReady('web');
    engine.crash(engine.find('k8s_POD_web_default_web-uid_0')?.state.id ?? '', 137);
    const pod = await bench.until(
      'web',
      ({ status }) => status?.podIP === '10.99.0.3' && status.containerStatuses?.[0]?.ready === true,
    );
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(engine.find('k8s_POD_web_default_web-uid_1')?.running).toBe(true);
    expect(engine.find('k8s_POD_web_default_web-uid_0')).toBeUndefined();
  });

  it('takes up running pods after a restart of the daemon, and removes orphans', async () => {
    bench.createPod('web', spec());
    bench.createPod('old', spec());
    await Promise.all([bench.untilReady('web'), bench.untilReady('old')]);
    const before = bench.pod('web').status;
    await bench[Symbol.asyncDispose]();
    bench.table.drop(Pod, key('old'));
    const starts = engine.journal.filter((line) => line.startsWith('start')).length;
    const { network } = bench;
    bench = await KubeletBench.start({ engine, clock, dataFolder, cluster: 'test', table: bench.table, network });
    engine.crash(idOf('web'), 1);
    const pod = await bench.until(
      'web',
      ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1 && status.containerStatuses[0].ready,
    );
    expect(pod.status).toMatchObject({ podIP: before?.podIP, startTime: before?.startTime });
    expect(engine.journal.filter((line) => line.startsWith('start')).length).toBe(starts + 1);
    expect(engine.find(name('old'))).toBeUndefined();
  });

  it('renews the token of a pod before it expires', async () => {
    bench.table.tokenExpires = () => new Date(clock.now().getTime() + 3_600_000);
    const sources = [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }];
    const volumeMounts = [{ name: 'api', mountPath: '/token' }];
    bench.createPod('web', spec({ volumeMounts }, { volumes: [{ name: 'api', projected: { sources } }] }));
    await bench.untilReady('web');
    const mounts = engine.find(name('web'))?.spec.mounts ?? [];
    const source = mounts.find(({ target }) => target === '/token')?.source ?? '';
    const token = (): string => readFileSync(join(source, 'token'), 'utf8');
    expect(token()).toBe('token-1');
    await clock.run(3_600_000 * 0.79);
    expect(token()).toBe('token-1');
    await clock.run(3_600_000 * 0.02);
    while (token() === 'token-1') await clock.run(1);
    expect(token()).toBe('token-2');
  });

  it('says when its disk is nearly full, and when it is not any more', async () => {
    await bench[Symbol.asyncDispose]();
    const disk = temporaryDirectory();
    await mountTmpfs(disk, { mode: '0700', size: String(520 * 2 ** 20) });
    onTestFinished(async () => {
      await removePodFolders(disk);
      await unmount(disk);
    });
    bench = await KubeletBench.start({ engine, clock, dataFolder: disk, cluster: 'other' });
    // Before the folders are removed, whose tests' hooks run last first.
    onTestFinished(() => bench[Symbol.asyncDispose]());
    const pressure = (status: string) => (): NodeCondition | undefined =>
      bench.node()?.status?.conditions?.find((found) => found.type === 'DiskPressure' && found.status === status);
    expect(await bench.table.until(pressure('False'))).toMatchObject({ reason: 'KubeletHasNoDiskPressure' });
    writeFileSync(join(disk, 'filler'), Buffer.alloc(30 * 2 ** 20));
    while (!pressure('True')()) await clock.run(1000);
    expect(pressure('True')()).toMatchObject({ reason: 'KubeletHasDiskPressure' });
    rmSync(join(disk, 'filler'));
    while (!pressure('False')()) await clock.run(1000);
    expect(bench.errors).toEqual([]);
  });

  it('lets pods have what others announce of the node, while they do', async () => {
    const announce = (amounts: Readonly<Record<string, string>>): void => {
      const node = bench.node();
      if (!node) throw new Error('there is no node');
      const { 'example.com/gpu': _, ...capacity } = node.status?.capacity ?? {};
      const status = { ...node.status, capacity: { ...capacity, ...amounts } };
      bench.table.put(Node, Object.assign({}, node, { status }));
    };
    const allocatable = (): unknown => bench.node()?.status?.allocatable?.['example.com/gpu'];
    announce({ 'example.com/gpu': '4' });
    while (allocatable() !== '4') await clock.run(1000);
    announce({});
    while (allocatable() !== undefined) await clock.run(1000);
    expect(bench.errors).toEqual([]);
  });

  it('says that the engine is down, and recovers', async () => {
    const ready = (status: string) => (): NodeCondition | undefined =>
      bench.node()?.status?.conditions?.find((found) => found.type === 'Ready' && found.status === status);
    engine.breakDown();
    while (!ready('False')()) await clock.run(1000);
    expect(ready('False')()).toMatchObject({ reason: 'KubeletNotReady' });
    engine.comeBack();
    expect(await bench.table.until(ready('True'))).toMatchObject({ reason: 'KubeletReady' });
  });

  it('starts without an engine, says so, and runs its pods once there is one', async () => {
    await bench[Symbol.asyncDispose]();
    engine.breakDown();
    bench = await KubeletBench.start({ engine, clock, dataFolder, cluster: 'other' });
    const ready = (): NodeCondition | undefined =>
      bench.node()?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready()).toMatchObject({ status: 'False', reason: 'KubeletNotReady' });
    bench.createPod('web', spec());
    await clock.run(3000);
    expect(bench.pod('web').status).toBeUndefined();
    engine.comeBack();
    await clock.run(1000);
    await bench.untilReady('web');
    expect(ready()).toMatchObject({ status: 'True', reason: 'KubeletReady' });
    expect(bench.node()?.status?.capacity).toMatchObject({ cpu: '4' });
    expect(bench.errors).toEqual([]);
  });

  it('stops while it waits for an engine', async () => {
    await bench[Symbol.asyncDispose]();
    engine.breakDown();
    bench = await KubeletBench.start({ engine, clock, dataFolder, cluster: 'other' });
    await bench[Symbol.asyncDispose]();
    expect(bench.errors).toEqual([]);
  });

  it('kills at once what is deleted by force', async () => {
    engine.program = () => ({ steps: [{ ignoreTerm: true }] });
    bench.createPod('web', spec());
    await bench.untilReady('web');
    await bench.table.of(Pod).delete(key('web'), { gracePeriodSeconds: 30 });
    await clock.waitForTimers();
    await bench.table.of(Pod).delete(key('web'), { gracePeriodSeconds: 0 });
    while ((await engine.list({})).length > 0) await clock.run(1);
    expect(await engine.list({})).toEqual([]);
  });
});

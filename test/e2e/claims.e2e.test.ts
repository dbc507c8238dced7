/** Claims and volumes on real Docker in a whole cluster. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Event } from '../../src/types/kinds/core/event.ts';
import { PersistentVolumeClaim } from '../../src/types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../src/types/kinds/core/persistent-volume.ts';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import type { Persisted } from '../../src/types/meta.ts';
import { removeCluster } from '../../src/runtime/cluster.ts';
import { BUSYBOX_IMAGE, clusterName, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

function claim(name: string, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
}

interface PodParts {
  readonly claimName?: string;
  readonly spec?: object;
  readonly container?: object;
  readonly volume?: object;
}

function pod(name: string, command: string, { claimName = 'data', spec, container, volume }: PodParts = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: BUSYBOX_IMAGE,
          command: ['sh', '-c', command],
          volumeMounts: [{ name: 'v', mountPath: '/data' }],
          ...container,
        },
      ],
      volumes: [{ name: 'v', ...(volume ?? { persistentVolumeClaim: { claimName } }) }],
      ...spec,
    },
  });
}

async function untilPod(
  namespace: string,
  name: string,
  wished: (pod: Persisted<Pod>) => boolean,
): Promise<Persisted<Pod>> {
  const [found] = await until(test.cluster.client, Pod, { namespace, name }, ([one]) => !!one && wished(one));
  return found ?? expect.fail(`no pod ${name}`);
}
const succeeded = ({ status }: Pod): boolean => status?.phase === 'Succeeded';

async function untilEvent(namespace: string, name: string, reason: string): Promise<Persisted<Event>> {
  const matches = (event: Event): boolean => event.involvedObject.name === name && event.reason === reason;
  const events = await until(test.cluster.client, Event, { namespace }, (all) => all.some(matches));
  return events.find(matches) ?? expect.fail(`no event ${reason}`);
}

async function volumeOf(namespace: string, name: string): Promise<Persisted<PersistentVolume>> {
  const bound = await test.cluster.client.of(PersistentVolumeClaim).get({ namespace, name });
  const key = { namespace: '', name: bound?.spec?.volumeName ?? '' };
  return (await test.cluster.client.of(PersistentVolume).get(key)) ?? expect.fail(`no volume of ${name}`);
}

describe.concurrent('a claim of the default class', () => {
  it('waits for its first pod, keeps what pods write, and takes its folder with it', async () => {
    const { kubectl, name } = await test.namespace();
    expect(await kubectl.ok('get storageclass --no-headers')).toMatch(
      /^standard \(default\) +kubewright.dev\/local-path +Delete +WaitForFirstConsumer +true/,
    );
    await kubectl.apply(claim('data'));
    expect((await untilEvent(name, 'data', 'WaitForFirstConsumer')).message).toBe(
      'waiting for first consumer to be created before binding',
    );
    expect(await kubectl.ok('get pvc data --no-headers')).toMatch(/^data +Pending +standard +<unset>/);
    await kubectl.apply(pod('writer', 'echo kept > /data/file'));
    await untilPod(name, 'writer', succeeded);
    const volume = await volumeOf(name, 'data');
    const folder = volume.spec?.local?.path ?? '';
    expect(readdirSync(folder)).toEqual(['file']);
    expect(await kubectl.ok('get pvc data --no-headers')).toMatch(/^data +Bound +pvc-[-0-9a-f]+ +1Gi +RWO +standard/);
    expect(await kubectl.ok('get pv --no-headers')).toMatch(
      new RegExp(`${volume.metadata.name} +1Gi +RWO +Delete +Bound +${name}/data +standard`),
    );
    expect(await kubectl.ok('describe pvc data')).toContain('Successfully provisioned volume');
    await kubectl.ok('delete pod writer');
    await kubectl.apply(pod('reader', 'cat /data/file'));
    await untilPod(name, 'reader', succeeded);
    expect(await kubectl.ok('logs reader')).toBe('kept');
    await kubectl.ok('delete pvc data --wait=false');
    expect(await kubectl.ok('get pvc data --no-headers')).toMatch(/^data +Terminating/);
    expect(existsSync(folder)).toBe(true);
    await kubectl.ok('delete pod reader');
    await kubectl.ok('wait --for=delete pvc/data --timeout=30s');
    await kubectl.ok(`wait --for=delete pv/${volume.metadata.name} --timeout=30s`);
    expect(existsSync(folder)).toBe(false);
  });
});

describe.concurrent('a volume', () => {
  it('is mounted as the pod asks', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(claim('data', { accessModes: ['ReadWriteMany'] }));
    const mounts = (...list: readonly object[]): object => ({ volumeMounts: list });
    await kubectl.apply(
      pod('writer', 'id -u; id -G; echo of $NAME > /one/file; stat -c "%a %g" /data /one/file; ls /data', {
        container: {
          env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          ...mounts({ name: 'v', mountPath: '/data' }, { name: 'v', mountPath: '/one', subPathExpr: 'of/$(NAME)' }),
        },
        spec: { securityContext: { runAsUser: 1234, runAsGroup: 1234, fsGroup: 4321 } },
      }),
    );
    await untilPod(name, 'writer', succeeded);
    expect((await kubectl.ok('logs writer')).split('\n')).toEqual(['1234', '1234 4321', '2777 4321', '644 4321', 'of']);
    const readOnly = { persistentVolumeClaim: { claimName: 'data', readOnly: true } };
    await kubectl.apply(
      pod('reader', 'cat /sub/file; touch /sub/new 2>/dev/null || echo refused', {
        volume: readOnly,
        container: mounts({ name: 'v', mountPath: '/sub', subPath: 'of/writer' }),
      }),
    );
    await untilPod(name, 'reader', succeeded);
    expect(await kubectl.ok('logs reader')).toBe('of writer\nrefused');
  });

  it('of a pod goes with the pod', async () => {
    const { kubectl, name } = await test.namespace();
    const volume = { ephemeral: { volumeClaimTemplate: JSON.parse(claim('x')) } };
    const { spec } = volume.ephemeral.volumeClaimTemplate;
    await kubectl.apply(pod('scratch', 'touch /data/x', { volume: { ephemeral: { volumeClaimTemplate: { spec } } } }));
    await untilPod(name, 'scratch', succeeded);
    const folder = (await volumeOf(name, 'scratch-v')).spec?.local?.path ?? '';
    expect(readdirSync(folder)).toEqual(['x']);
    await kubectl.ok('delete pod scratch');
    await kubectl.ok('wait --for=delete pvc/scratch-v --timeout=30s');
    await until(test.cluster.client, PersistentVolume, {}, (all) =>
      all.every((one) => one.spec?.local?.path !== folder),
    );
    expect(existsSync(folder)).toBe(false);
  });

  it('of a StatefulSet waits for the pod of the same number', async () => {
    const { kubectl, name } = await test.namespace();
    const container = {
      name: 'main',
      image: BUSYBOX_IMAGE,
      command: ['sh', '-c', 'hostname >> /data/names; sleep 1000'],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    const set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        serviceName: 'db',
        replicas: 2,
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: { terminationGracePeriodSeconds: 1, containers: [container] },
        },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: JSON.parse(claim('x')).spec }],
      },
    };
    await kubectl.apply(JSON.stringify(set));
    await kubectl.ok('rollout status statefulset/db --timeout=300s');
    const before = await untilPod(name, 'db-1', () => true);
    await kubectl.ok('delete pod db-1');
    await untilPod(
      name,
      'db-1',
      ({ metadata, status }) => metadata.uid !== before.metadata.uid && status?.phase === 'Running',
    );
    expect(await kubectl.ok('exec db-1 -- cat /data/names')).toBe('db-1\ndb-1');
    expect(await kubectl.ok('exec db-0 -- cat /data/names')).toBe('db-0');
    const folders = await Promise.all(
      ['data-db-0', 'data-db-1'].map(async (of) => (await volumeOf(name, of)).spec?.local?.path ?? ''),
    );
    await kubectl.ok(`delete namespace ${name} --timeout=300s`);
    await until(test.cluster.client, PersistentVolume, {}, (all) =>
      all.every((one) => !folders.includes(one.spec?.local?.path ?? '')),
    );
    expect(folders.map(existsSync)).toEqual([false, false]);
  });

  it('that cannot be had keeps the pod waiting, with the reason', async () => {
    const { kubectl, name } = await test.namespace();
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${name}-nfs` },
      spec: {
        accessModes: ['ReadWriteMany'],
        capacity: { storage: '1Gi' },
        nfs: { server: 'files.example.com', path: '/' },
      },
    };
    const { stderr } = await kubectl.run('apply -f -', { input: JSON.stringify(volume) });
    expect(stderr).toContain('Warning: spec.nfs: has no effect on this cluster');
    await kubectl.apply(
      claim('data', { accessModes: ['ReadWriteMany'], storageClassName: '', volumeName: `${name}-nfs` }),
    );
    await kubectl.apply(pod('web', 'true'));
    expect((await untilEvent(name, 'web', 'FailedMount')).message).toContain('volume source nfs');
    await kubectl.ok('delete pod web');
    await kubectl.ok(`delete pvc/data pv/${name}-nfs`);
  });

  it('of mode Block is a device in the container', async () => {
    const { kubectl, name } = await test.namespace();
    const device =
      readdirSync('/sys/block').find((one) => existsSync(`/dev/${one}`)) ??
      expect.fail('this machine has no block device');
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${name}-disk` },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        volumeMode: 'Block',
        local: { path: `/dev/${device}` },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [test.cluster.name] }] },
            ],
          },
        },
      },
    };
    await kubectl.apply(JSON.stringify(volume));
    await kubectl.apply(claim('data', { volumeMode: 'Block', storageClassName: '', volumeName: `${name}-disk` }));
    const container = { volumeMounts: [], volumeDevices: [{ name: 'v', devicePath: '/dev/mine' }] };
    await kubectl.apply(pod('web', 'test -b /dev/mine && echo block', { container }));
    await untilPod(name, 'web', succeeded);
    expect(await kubectl.ok('logs web')).toBe('block');
    await kubectl.ok('delete pod web');
    await kubectl.ok(`delete pvc/data pv/${name}-disk`);
  });
});

describe('what is kept', () => {
  it('survives the cluster’s stop, and not its deletion', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kubewright-claims-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const name = clusterName();
    const session = async (work: (kubectl: Kubectl, cluster: TestCluster) => Promise<void>): Promise<void> => {
      const started = await startTestCluster({ name, dataDir });
      try {
        await work(started.kubectl.in('default'), started);
        expect(started.complaints).toEqual([]);
      } finally {
        await started.cluster.stop();
      }
    };
    const done = async ({ cluster }: TestCluster, of: string): Promise<void> => {
      await until(cluster.client, Pod, { namespace: 'default', name: of }, ([one]) => !!one && succeeded(one));
    };
    await session(async (kubectl, cluster) => {
      await kubectl.apply(claim('data'));
      await kubectl.apply(pod('writer', 'echo kept > /data/file'));
      await done(cluster, 'writer');
      await kubectl.ok('delete storageclass standard');
    });
    await session(async (kubectl, cluster) => {
      expect(await kubectl.ok('get storageclass')).toBe('');
      await kubectl.apply(pod('reader', 'cat /data/file'));
      await done(cluster, 'reader');
      expect(await kubectl.ok('logs reader')).toBe('kept');
    });
    expect(readdirSync(join(dataDir, 'volumes'))).toHaveLength(1);
    await removeCluster({ name, dataDir });
    expect(existsSync(join(dataDir, 'volumes'))).toBe(false);
  });
});

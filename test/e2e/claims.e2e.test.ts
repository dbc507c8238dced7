/** Claims and volumes on real Docker in a whole cluster. */
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Event } from '../../src/types/kinds/core/event.ts';
import { PersistentVolumeClaim } from '../../src/types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../src/types/kinds/core/persistent-volume.ts';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import type { Persisted } from '../../src/types/meta.ts';
import { BUSYBOX_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
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

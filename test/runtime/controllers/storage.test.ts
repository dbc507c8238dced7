/** Claims, volumes and classes through the real API server, with the scheduler and real folders; no kubelet. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { persistentVolumeBinder } from '../../../src/runtime/controllers/persistent-volume/index.ts';
import {
  claimProtectionController,
  volumeProtectionController,
} from '../../../src/runtime/controllers/persistent-volume-protection/index.ts';
import { ephemeralVolumeController } from '../../../src/runtime/controllers/volume-ephemeral/index.ts';
import { volumeExpansionController } from '../../../src/runtime/controllers/volume-expansion/index.ts';
import { volumeProvisioner } from '../../../src/runtime/controllers/volume-provisioner/index.ts';
import { makeDefaultStorageClass } from '../../../src/runtime/default-storage.ts';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.ts';
import { volumeFoldersIn } from '../../../src/runtime/volume-folders.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { findCondition } from '../../../src/types/conditions.ts';
import type { KindDefinition } from '../../../src/types/define-kind.ts';
import { Event } from '../../../src/types/kinds/core/event.ts';
import { Node } from '../../../src/types/kinds/core/node.ts';
import { PersistentVolumeClaim } from '../../../src/types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../../src/types/kinds/core/persistent-volume.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../src/types/kinds/core/service-account.ts';
import { StorageClass } from '../../../src/types/kinds/storage/storage-class.ts';
import type { Volume } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import type { KubeObject, Persisted } from '../../../src/types/meta.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';

interface Plane extends ControlPlane {
  /** Where the folders of volumes lie. */
  readonly root: string;
  one<T extends KubeObject>(
    kind: KindDefinition<T>,
    name: string,
    holds?: (object: Persisted<T>) => boolean,
  ): Promise<Persisted<T>>;
}

const key = (name: string) => ({ namespace: 'default', name });
const global = (name: string) => ({ namespace: '', name });

async function start({ defaultClass = true, scheduler = true } = {}): Promise<Plane> {
  const root = join(temporaryDirectory(), 'volumes');
  const folders = volumeFoldersIn(root);
  const plane = await startControlPlane([
    persistentVolumeBinder(folders),
    volumeProvisioner(folders),
    volumeExpansionController,
    ephemeralVolumeController,
    claimProtectionController,
    volumeProtectionController,
  ]);
  const { client, informers, failures } = plane;
  await client.of(ServiceAccount).create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'default' },
  });
  if (defaultClass) await makeDefaultStorageClass(client);
  const labels = { 'kubernetes.io/hostname': 'n1', zone: 'a' };
  await client.of(Node).create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels } });
  const patch = { status: { allocatable: { cpu: '4', memory: '4Gi', pods: '110' } } };
  await client.of(Node).patch(global('n1'), { type: 'merge', patch }, { subresource: 'status' });
  await client.of(Node).patch(global('n1'), { type: 'merge', patch: { spec: { taints: null } } });
  if (scheduler) {
    const parts = { client, informers, clock: systemClock, onError: (error: unknown) => failures.push(error) };
    const running = await new Scheduler(parts).start(new AbortController().signal);
    onTestFinished(() => running[Symbol.asyncDispose]());
  }
  const one: Plane['one'] = async (kind, name, holds = () => true) => {
    const is = (object: Persisted): boolean => object.metadata.name === name;
    const found = await plane.until(kind, (all) => all.some((object) => is(object) && holds(object)));
    return found.find(is) ?? expect.fail(`no ${kind.kind} ${name}`);
  };
  return { ...plane, root, one };
}

type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;

function createClaim({ client }: Plane, name: string, spec: ClaimSpec = {}): Promise<Persisted<PersistentVolumeClaim>> {
  return client.of(PersistentVolumeClaim).create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
}

function createVolume({ client }: Plane, name: string, spec: NonNullable<PersistentVolume['spec']> = {}) {
  return client.of(PersistentVolume).create({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      ...(spec.local ? {} : { hostPath: { path: `/srv/${name}` } }),
      ...spec,
    },
  });
}

function createClass({ client }: Plane, name: string, rest: Partial<StorageClass>): Promise<Persisted<StorageClass>> {
  const plain = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name } } as const;
  return client.of(StorageClass).create({ ...plain, provisioner: 'kubewright.dev/local-path', ...rest });
}

function createPod(
  { client }: Plane,
  name: string,
  volumes: readonly Volume[],
  spec: object = {},
): Promise<Persisted<Pod>> {
  return client.of(Pod).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'x' }], volumes, ...spec },
  });
}

const claimed = (claimName: string): readonly Volume[] => [{ name: 'v', persistentVolumeClaim: { claimName } }];
const isBound = ({ status }: PersistentVolumeClaim): boolean => status?.phase === 'Bound';
const hasPhase = (phase: string) => (volume: PersistentVolume) => volume.status?.phase === phase;
const isPlaced = ({ spec }: Pod): boolean => spec?.nodeName === 'n1';

function untilTold(plane: Plane, name: string, reason: string): Promise<string | undefined> {
  const matches = (event: Event): boolean => event.involvedObject.name === name && event.reason === reason;
  return plane.until(Event, (all) => all.some(matches)).then((all) => all.find(matches)?.message);
}

function untilPending(plane: Plane, name: string, reason: string): Promise<Persisted<Pod>> {
  const tail = '. preemption: 0/1 nodes are available: 1 ';
  return plane.one(Pod, name, ({ status }) => {
    const message = findCondition(status?.conditions, 'PodScheduled')?.message ?? '';
    return message.startsWith(`0/1 nodes are available: ${reason}${tail}`);
  });
}

describe('a claim of the default class', () => {
  it('gets a folder where its first pod goes, and the folder goes with it', async () => {
    const plane = await start();
    const claim = await createClaim(plane, 'data');
    expect([claim.spec?.storageClassName, claim.metadata.finalizers]).toEqual([
      'standard',
      ['kubernetes.io/pvc-protection'],
    ]);
    await untilTold(plane, 'data', 'WaitForFirstConsumer');
    await createPod(plane, 'web', claimed('data'));
    await plane.one(Pod, 'web', isPlaced);
    const bound = await plane.one(PersistentVolumeClaim, 'data', isBound);
    expect(bound.metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
      'volume.beta.kubernetes.io/storage-provisioner': 'kubewright.dev/local-path',
      'volume.kubernetes.io/storage-provisioner': 'kubewright.dev/local-path',
      'volume.kubernetes.io/selected-node': 'n1',
    });
    expect(bound.status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } });
    const name = `pvc-${claim.metadata.uid}`;
    const volume = await plane.one(PersistentVolume, name, hasPhase('Bound'));
    const folder = join(plane.root, `${name}_default_data`);
    expect(volume.spec).toMatchObject({ local: { path: folder }, claimRef: { uid: claim.metadata.uid } });
    expect(volume.metadata.finalizers).toContain('kubernetes.io/pv-protection');
    expect(statSync(folder).mode & 0o777).toBe(0o777);
    await untilTold(plane, 'data', 'ProvisioningSucceeded');

    await plane.client.of(PersistentVolumeClaim).delete(key('data'));
    const leaving = await plane.one(PersistentVolumeClaim, 'data', ({ metadata }) => !!metadata.deletionTimestamp);
    expect(leaving.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    await plane.client.of(Pod).delete(key('web'), { gracePeriodSeconds: 0 });
    await plane.until(PersistentVolume, (all) => all.length === 0);
    await plane.until(PersistentVolumeClaim, (all) => all.length === 0);
    expect(existsSync(folder)).toBe(false);
    expect(plane.failures).toEqual([]);
  });

  it('grows, with what a resize leaves behind', async () => {
    const plane = await start();
    await createClaim(plane, 'data');
    await createPod(plane, 'web', claimed('data'));
    await plane.one(PersistentVolumeClaim, 'data', isBound);
    const grow = (storage: string) =>
      plane.client.of(PersistentVolumeClaim).patch(key('data'), {
        type: 'merge',
        patch: { spec: { resources: { requests: { storage } } } },
      });
    await grow('3Gi');
    const grown = await plane.one(
      PersistentVolumeClaim,
      'data',
      ({ status }) => status?.capacity?.['storage'] === '3Gi',
    );
    expect(grown.status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '3Gi' },
      allocatedResources: { storage: '3Gi' },
    });
    const [volume] = await plane.until(PersistentVolume, ([only]) => only?.spec?.capacity?.['storage'] === '3Gi');
    expect(volume?.status?.phase).toBe('Bound');
    await untilTold(plane, 'data', 'VolumeResizeSuccessful');
    await expect(grow('2Gi')).rejects.toThrow('field can not be less than status.capacity');
    expect(plane.failures).toEqual([]);
  });

  it('is bound without a pod when its class does not wait, and where its topologies are', async () => {
    const plane = await start();
    const zone = (...values: readonly string[]) => [{ matchLabelExpressions: [{ key: 'zone', values }] }];
    await createClass(plane, 'now', { allowedTopologies: zone('a', 'b'), reclaimPolicy: 'Retain' });
    await createClass(plane, 'far', { allowedTopologies: zone('c') });
    await createClass(plane, 'odd', { parameters: { iops: '3' } });
    await createClaim(plane, 'data', { storageClassName: 'now', accessModes: ['ReadWriteMany'] });
    const { spec } = await plane.one(PersistentVolumeClaim, 'data', isBound);
    const volume = await plane.one(PersistentVolume, spec?.volumeName ?? '');
    expect(volume.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
    await createClaim(plane, 'nowhere', { storageClassName: 'far' });
    expect(await untilTold(plane, 'nowhere', 'ProvisioningFailed')).toBe(
      'failed to provision volume with StorageClass "far": no node is allowed by the topologies of storage class "far"',
    );
    await createClaim(plane, 'tuned', { storageClassName: 'odd' });
    expect(await untilTold(plane, 'tuned', 'ProvisioningFailed')).toContain('parameter "iops" is not known');
    await createClaim(plane, 'disk', { storageClassName: 'now', volumeMode: 'Block' });
    expect(await untilTold(plane, 'disk', 'ProvisioningFailed')).toContain('volumeMode Block is not supported');
    // Deleted, the claim leaves its volume and what is in it.
    await plane.client.of(PersistentVolumeClaim).delete(key('data'));
    const released = await plane.one(PersistentVolume, volume.metadata.name, hasPhase('Released'));
    expect(existsSync(released.spec?.local?.path ?? '')).toBe(true);
    expect(plane.failures).toEqual([]);
  });

  it('keeps the folder of a volume that is deleted first until the claim is gone', async () => {
    const plane = await start();
    await createClass(plane, 'now', {});
    await createClaim(plane, 'data', { storageClassName: 'now' });
    const { spec } = await plane.one(PersistentVolumeClaim, 'data', isBound);
    const volume = await plane.one(PersistentVolume, spec?.volumeName ?? '', hasPhase('Bound'));
    await plane.client.of(PersistentVolume).delete(global(volume.metadata.name));
    const folder = volume.spec?.local?.path ?? '';
    await plane.one(PersistentVolume, volume.metadata.name, ({ metadata }) => !!metadata.deletionTimestamp);
    expect(existsSync(folder)).toBe(true);
    await plane.client.of(PersistentVolumeClaim).delete(key('data'));
    await plane.until(PersistentVolume, (all) => all.length === 0);
    expect(existsSync(folder)).toBe(false);
    expect(plane.failures).toEqual([]);
  });
});

describe('the default class', () => {
  it('is made once, and given to claims that came before it', async () => {
    const plane = await start({ defaultClass: false });
    await createClaim(plane, 'early');
    await untilTold(plane, 'early', 'FailedBinding');
    await makeDefaultStorageClass(plane.client);
    await plane.one(PersistentVolumeClaim, 'early', ({ spec }) => spec?.storageClassName === 'standard');
    await plane.client.of(StorageClass).delete(global('standard'));
    await makeDefaultStorageClass(plane.client);
    expect(await plane.client.of(StorageClass).get(global('standard'))).toBeUndefined();
    expect(plane.failures).toEqual([]);
  });
});

describe('volumes made by hand', () => {
  it('go to the claims that they fit, and are free again once somebody says so', async () => {
    const plane = await start();
    await createVolume(plane, 'large', { capacity: { storage: '5Gi' } });
    await createVolume(plane, 'small');
    await plane.until(PersistentVolume, (all) => all.length === 2 && all.every(hasPhase('Available')));
    await createClaim(plane, 'a', { storageClassName: '' });
    await createClaim(plane, 'b', { storageClassName: '' });
    const claims = await plane.until(PersistentVolumeClaim, (all) => all.length === 2 && all.every(isBound));
    expect(claims.map(({ spec }) => spec?.volumeName).sort()).toEqual(['large', 'small']);
    await plane.client.of(PersistentVolumeClaim).delete(key('a'));
    const [free] = (await plane.until(PersistentVolume, (all) => all.some(hasPhase('Released')))).filter(
      hasPhase('Released'),
    );
    await createClaim(plane, 'c', { storageClassName: '' });
    await untilTold(plane, 'c', 'FailedBinding');
    const patch = { spec: { claimRef: null } };
    await plane.client.of(PersistentVolume).patch(global(free?.metadata.name ?? ''), { type: 'merge', patch });
    const bound = await plane.one(PersistentVolumeClaim, 'c', isBound);
    expect(bound.spec?.volumeName).toBe(free?.metadata.name);
    expect(plane.failures).toEqual([]);
  });

  it('are kept for a claim that does not exist yet, and a claim for its volume', async () => {
    const plane = await start();
    await createVolume(plane, 'kept', {
      claimRef: { namespace: 'default', name: 'later' },
      storageClassName: 'manual',
    });
    await plane.one(PersistentVolume, 'kept', hasPhase('Available'));
    await createClaim(plane, 'other', { storageClassName: 'manual' });
    await createClaim(plane, 'later', { storageClassName: 'manual' });
    expect((await plane.one(PersistentVolumeClaim, 'later', isBound)).spec?.volumeName).toBe('kept');
    await createClaim(plane, 'named', { storageClassName: '', volumeName: 'mine' });
    await createVolume(plane, 'mine');
    await plane.one(PersistentVolumeClaim, 'named', isBound);
    await createClaim(plane, 'late', { storageClassName: '', volumeName: 'mine' });
    expect(await untilTold(plane, 'late', 'FailedBinding')).toBe('volume "mine" already bound to a different claim.');
    expect((await plane.client.of(PersistentVolumeClaim).get(key('other')))?.status?.phase).toBe('Pending');
    expect(plane.failures).toEqual([]);
  });

  it('are lost to their claims when they are forced away', async () => {
    const plane = await start();
    await createVolume(plane, 'v');
    await createClaim(plane, 'a', { storageClassName: '' });
    await plane.one(PersistentVolumeClaim, 'a', isBound);
    await plane.one(PersistentVolume, 'v', hasPhase('Bound'));
    await plane.client.of(PersistentVolume).delete(global('v'));
    // Held as long as it is bound; who takes the finalizer off loses what was on it.
    await plane.one(PersistentVolume, 'v', ({ metadata }) => metadata.finalizers?.length === 1);
    const patch = { metadata: { finalizers: null } };
    await plane.client.of(PersistentVolume).patch(global('v'), { type: 'merge', patch });
    await plane.one(PersistentVolumeClaim, 'a', ({ status }) => status?.phase === 'Lost');
    expect(await untilTold(plane, 'a', 'ClaimLost')).toMatch(/has lost its PersistentVolume/);
    await createPod(plane, 'web', claimed('a'));
    await untilPending(plane, 'web', 'persistentvolumeclaim "a" bound to non-existent persistentvolume "v"');
  });

  it('fail when their policy asks for what cannot be done', async () => {
    const plane = await start();
    const folder = join('/tmp', `kubewright-volume-${process.pid}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), '');
    await createVolume(plane, 'temporary', { hostPath: { path: folder }, persistentVolumeReclaimPolicy: 'Delete' });
    await createVolume(plane, 'lasting', { persistentVolumeReclaimPolicy: 'Delete', capacity: { storage: '2Gi' } });
    await createClaim(plane, 'a', { storageClassName: '', volumeName: 'temporary' });
    await createClaim(plane, 'b', { storageClassName: '', volumeName: 'lasting' });
    await plane.until(PersistentVolumeClaim, (all) => all.length === 2 && all.every(isBound));
    for (const name of ['a', 'b']) await plane.client.of(PersistentVolumeClaim).delete(key(name));
    const failed = await plane.one(PersistentVolume, 'lasting', hasPhase('Failed'));
    expect(failed.status?.message).toBe('host_path deleter only supports /tmp/.+ but received provided /srv/lasting');
    await plane.until(PersistentVolume, (all) => all.length === 1);
    expect(existsSync(folder)).toBe(false);
    await createVolume(plane, 'scrubbed', { persistentVolumeReclaimPolicy: 'Recycle', capacity: { storage: '3Gi' } });
    await createClaim(plane, 'c', { storageClassName: '', volumeName: 'scrubbed' });
    await plane.one(PersistentVolumeClaim, 'c', isBound);
    await plane.client.of(PersistentVolumeClaim).delete(key('c'));
    await plane.one(PersistentVolume, 'scrubbed', hasPhase('Failed'));
    expect(await untilTold(plane, 'scrubbed', 'VolumeFailedRecycle')).toBe('No recycler plugin found for the volume!');
    expect(plane.failures).toEqual([]);
  });
});

describe('a pod with claims', () => {
  it('says what it waits for', async () => {
    const plane = await start();
    await createPod(plane, 'web', claimed('data'));
    await untilPending(plane, 'web', 'persistentvolumeclaim "data" not found');
    await createClaim(plane, 'data', { storageClassName: 'manual' });
    await untilPending(plane, 'web', 'pod has unbound immediate PersistentVolumeClaims');
    await createVolume(plane, 'v', { storageClassName: 'manual' });
    await plane.one(Pod, 'web', isPlaced);
    expect(plane.failures).toEqual([]);
  });

  it('goes where its volume is', async () => {
    const plane = await start();
    const on = (...values: readonly string[]) => ({
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In' as const, values }] }],
      },
    });
    const waits = { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' } as const;
    await createClass(plane, 'disks', waits);
    const disk = { storageClassName: 'disks', local: { path: '/mnt/disk' } };
    await createVolume(plane, 'far', { ...disk, nodeAffinity: on('n2') });
    await createClaim(plane, 'data', { storageClassName: 'disks' });
    await createPod(plane, 'web', claimed('data'));
    await untilPending(plane, 'web', "1 node(s) didn't find available persistent volumes to bind");
    await createVolume(plane, 'near', { ...disk, nodeAffinity: on('n1') });
    await plane.one(Pod, 'web', isPlaced);
    expect((await plane.one(PersistentVolumeClaim, 'data', isBound)).spec?.volumeName).toBe('near');
    await createClaim(plane, 'away', { storageClassName: 'disks', volumeName: 'far' });
    await plane.one(PersistentVolumeClaim, 'away', isBound);
    await createPod(plane, 'lost', claimed('away'));
    await untilPending(plane, 'lost', "1 node(s) didn't match PersistentVolume's node affinity");
    expect(plane.failures).toEqual([]);
  });

  it('has a claim of mode ReadWriteOncePod to itself', async () => {
    const plane = await start();
    await createClaim(plane, 'data', { accessModes: ['ReadWriteOncePod'] });
    await createPod(plane, 'first', claimed('data'));
    await plane.one(Pod, 'first', isPlaced);
    await createPod(plane, 'second', claimed('data'));
    await untilPending(
      plane,
      'second',
      '1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
    );
    await plane.client.of(Pod).delete(key('first'), { gracePeriodSeconds: 0 });
    await plane.one(Pod, 'second', isPlaced);
    expect(plane.failures).toEqual([]);
  });

  it('shares a claim that is bound for the first of several', async () => {
    const plane = await start();
    await createClaim(plane, 'data', { accessModes: ['ReadWriteMany'] });
    await Promise.all(['a', 'b', 'c'].map((name) => createPod(plane, name, claimed('data'))));
    await plane.until(Pod, (all) => all.length === 3 && all.every(isPlaced));
    expect(plane.informers.of(PersistentVolume).list()).toHaveLength(1);
    expect(plane.failures).toEqual([]);
  });

  it('may go before its volume is there', async () => {
    const plane = await start();
    await createClass(plane, 'else', { provisioner: 'example.com/disk', volumeBindingMode: 'WaitForFirstConsumer' });
    const claim = await createClaim(plane, 'data', { storageClassName: 'else' });
    await createPod(plane, 'web', claimed('data'));
    await plane.one(
      PersistentVolumeClaim,
      'data',
      ({ metadata }) => metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] === 'example.com/disk',
    );
    expect(await untilTold(plane, 'data', 'ExternalProvisioning')).toContain("external provisioner 'example.com/disk'");
    await plane.client.of(Pod).delete(key('web'), { gracePeriodSeconds: 0 });
    await createPod(plane, 'next', claimed('data'));
    // What a provisioner of the user's own does.
    await createVolume(plane, 'made', {
      storageClassName: 'else',
      claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid: claim.metadata.uid },
    });
    await plane.one(Pod, 'next', isPlaced);
    expect(plane.failures).toEqual([]);
  });
});

describe('a provisioner that cannot serve the node', () => {
  it('sends the pod back to the scheduler', async () => {
    const plane = await start();
    await createClass(plane, 'else', { provisioner: 'example.com/disk', volumeBindingMode: 'WaitForFirstConsumer' });
    await createClaim(plane, 'data', { storageClassName: 'else' });
    await createPod(plane, 'web', claimed('data'));
    const selected = 'volume.kubernetes.io/selected-node';
    const isSelected = ({ metadata }: PersistentVolumeClaim): boolean => metadata.annotations?.[selected] === 'n1';
    await plane.one(PersistentVolumeClaim, 'data', isSelected);
    const patch = { metadata: { annotations: { [selected]: null } } };
    await plane.client.of(PersistentVolumeClaim).patch(key('data'), { type: 'merge', patch });
    expect(await untilTold(plane, 'web', 'FailedScheduling')).toBe(
      'running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "data"',
    );
    await plane.one(PersistentVolumeClaim, 'data', isSelected);
    // With the pod goes the wait, and a claim that is deleted is one that is gone.
    await plane.client.of(PersistentVolumeClaim).delete(key('data'));
    await untilPending(plane, 'web', 'persistentvolumeclaim "data" not found');
    expect(plane.failures).toEqual([]);
  });
});

describe('a volume that a pod carries with it', () => {
  const ephemeral: readonly Volume[] = [
    {
      name: 'scratch',
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { labels: { of: 'web' } },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      },
    },
  ];

  it('is a claim of the pod', async () => {
    const plane = await start();
    const pod = await createPod(plane, 'web', ephemeral);
    await plane.one(Pod, 'web', isPlaced);
    const claim = await plane.one(PersistentVolumeClaim, 'web-scratch', isBound);
    expect(claim.metadata).toMatchObject({
      labels: { of: 'web' },
      ownerReferences: [{ kind: 'Pod', name: 'web', uid: pod.metadata.uid, controller: true }],
    });
    expect(plane.failures).toEqual([]);
  });

  it('does not take what is somebody else’s', async () => {
    const plane = await start();
    await createClaim(plane, 'web-scratch');
    await createPod(plane, 'web', ephemeral);
    const conflict = 'PVC default/web-scratch was not created for pod default/web (pod is not owner)';
    await untilPending(plane, 'web', conflict);
    expect(await untilTold(plane, 'web', 'FailedBinding')).toBe(`ephemeral volume scratch: ${conflict}`);
  });
});

describe('growth', () => {
  it('is refused where nothing can grow', async () => {
    const plane = await start();
    await createVolume(plane, 'v');
    await createClaim(plane, 'fixed', { storageClassName: '' });
    await createClaim(plane, 'pending');
    await plane.one(PersistentVolumeClaim, 'fixed', isBound);
    const grow = (name: string) =>
      plane.client.of(PersistentVolumeClaim).patch(key(name), {
        type: 'merge',
        patch: { spec: { resources: { requests: { storage: '9Gi' } } } },
      });
    await expect(grow('fixed')).rejects.toThrow(
      'persistentvolumeclaims "fixed" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
    await expect(grow('pending')).rejects.toThrow(
      /spec is immutable after creation|Only bound persistent volume claims/,
    );
  });
});

/** StatefulSets through the real API server. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/shared/clock.ts';
import { garbageCollector } from '../../../../src/runtime/controllers/garbage-collector/index.ts';
import { claimProtectionController } from '../../../../src/runtime/controllers/persistent-volume-protection/index.ts';
import { serviceAccountController } from '../../../../src/runtime/controllers/service-account/index.ts';
import { statefulSetController } from '../../../../src/runtime/controllers/stateful-set/index.ts';
import { ControllerRevision } from '../../../../src/types/kinds/apps/controller-revision.ts';
import { StatefulSet } from '../../../../src/types/kinds/apps/stateful-set.ts';
import { Event } from '../../../../src/types/kinds/core/event.ts';
import { PersistentVolumeClaim } from '../../../../src/types/kinds/core/persistent-volume-claim.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../../src/types/kinds/core/service-account.ts';
import type { StatefulSetSpec } from '../../../../src/types/kinds/generated/apps-v1.gen.ts';
import type { JsonValue } from '../../../../src/shared/deep.ts';
import type { KubeObject, Persisted } from '../../../../src/types/meta.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { startControlPlane } from '../control-plane.ts';
import type { ControlPlane } from '../control-plane.ts';
import { bind, bury, end, makeAllReady, makeReady, makeUnready, namesOf } from '../running-pods.ts';

const web = { namespace: 'default', name: 'web' };

function set(spec: Partial<StatefulSetSpec> = {}, image = 'web:1'): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: web,
    spec: {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
      ...spec,
    },
  };
}

const withData: Partial<StatefulSetSpec> = {
  replicas: 2,
  volumeClaimTemplates: [
    {
      metadata: { name: 'data', labels: { tier: 'disk' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  ],
  template: {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'web:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
  },
};

async function start(clock?: Clock): Promise<ControlPlane> {
  const controllers = [statefulSetController, garbageCollector, serviceAccountController, claimProtectionController];
  const plane = await startControlPlane(controllers, clock);
  await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'default'));
  return plane;
}

const patch = (plane: ControlPlane, spec: JsonValue): Promise<unknown> =>
  plane.client.of(StatefulSet).patch(web, { type: 'strategic', patch: { spec } });
const newImage = (image: string): JsonValue => ({ template: { spec: { containers: [{ name: 'web', image }] } } });
const has = (pods: readonly Persisted[], ...names: readonly string[]): boolean => namesOf(pods).join() === names.join();
const imageOf = (pods: readonly Persisted<Pod>[], name: string): string | undefined =>
  pods.find(({ metadata }) => metadata.name === name)?.spec?.containers[0]?.image;

const leaving = (pods: readonly Persisted<Pod>[]): readonly string[] =>
  namesOf(pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined));
const ownerOf = (object: KubeObject | undefined): string | undefined => object?.metadata.ownerReferences?.[0]?.uid;
const uidOf = (object: KubeObject | undefined): string | undefined => object?.metadata.uid;
const allReady = ({ spec, status }: StatefulSet): boolean => status?.availableReplicas === spec?.replicas;
const isUpdated =
  (generation: number) =>
  ([found]: readonly Persisted<StatefulSet>[]): boolean =>
    found?.status?.observedGeneration === generation &&
    found.status.currentRevision === found.status.updateRevision &&
    found.status.updatedReplicas === found.spec?.replicas &&
    allReady(found);
const numbers = (plane: ControlPlane): readonly number[] =>
  plane.informers
    .of(ControllerRevision)
    .list()
    .map(({ revision }) => revision)
    .sort();

describe('in order', () => {
  it('creates a pod when the one before it is ready, each with its identity', async () => {
    const plane = await start();
    await plane.client.of(StatefulSet).create(set());
    const [first] = await plane.until(Pod, (pods) => pods.length > 0);
    const [revision] = await plane.until(ControllerRevision, (all) => all.length === 1);
    expect(first?.metadata).toMatchObject({
      name: 'web-0',
      generateName: 'web-',
      labels: {
        app: 'web',
        'statefulset.kubernetes.io/pod-name': 'web-0',
        'apps.kubernetes.io/pod-index': '0',
        'controller-revision-hash': revision?.metadata.name,
      },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', controller: true }],
    });
    expect(first?.spec).toMatchObject({ hostname: 'web-0', subdomain: 'web' });
    await plane.until(StatefulSet, ([found]) => found?.status?.replicas === 1);
    expect(namesOf(plane.informers.of(Pod).list())).toEqual(['web-0']);
    await makeReady(plane, 'web-0');
    await plane.until(Pod, (pods) => has(pods, 'web-0', 'web-1'));
    await makeReady(plane, 'web-1');
    await plane.until(Pod, (pods) => has(pods, 'web-0', 'web-1', 'web-2'));
    await makeReady(plane, 'web-2');
    const [ready] = await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 3);
    expect(ready?.status).toEqual({
      availableReplicas: 3,
      collisionCount: 0,
      currentReplicas: 3,
      currentRevision: revision?.metadata.name,
      observedGeneration: 1,
      readyReplicas: 3,
      replicas: 3,
      updateRevision: revision?.metadata.name,
      updatedReplicas: 3,
    });
    const events = await plane.until(Event, (all) => all.length === 3);
    expect(events.map(({ reason, message }) => `${reason}: ${message}`)).toContain(
      'SuccessfulCreate: create Pod web-2 in StatefulSet web successful',
    );
    expect(plane.failures).toEqual([]);
  });

  it('scales down from the highest ordinal, one at a time, and waits for each to end', async () => {
    const plane = await start();
    {
      using _ = makeAllReady(plane);
      await plane.client.of(StatefulSet).create(set());
      await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 3);
    }
    for (const pod of plane.informers.of(Pod).list()) await bind(plane, pod, 'node');
    await patch(plane, { replicas: 0 });
    for (const last of [2, 1, 0]) {
      const pods = await plane.until(Pod, (all) => leaving(all).length === 1 && all.length === last + 1);
      expect(leaving(pods)).toEqual([`web-${last}`]);
      await bury(plane, `web-${last}`);
    }
    const [done] = await plane.until(StatefulSet, ([found]) => found?.status?.replicas === 0);
    expect(done?.status).toMatchObject({ availableReplicas: 0, observedGeneration: 2 });
    expect(plane.failures).toEqual([]);
  });

  it('halts while a pod is unhealthy, whichever way it scales', async () => {
    const plane = await start();
    {
      using _ = makeAllReady(plane);
      await plane.client.of(StatefulSet).create(set({ replicas: 2 }));
      await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 2);
    }
    await makeUnready(plane, 'web-0');
    await plane.until(StatefulSet, ([found]) => found?.status?.readyReplicas === 1);
    for (const replicas of [3, 1]) {
      await patch(plane, { replicas });
      await plane.until(StatefulSet, ([found]) => found?.status?.observedGeneration === (replicas === 3 ? 2 : 3));
      expect(namesOf(plane.informers.of(Pod).list())).toEqual(['web-0', 'web-1']);
    }
    await makeReady(plane, 'web-0');
    await plane.until(Pod, (pods) => has(pods, 'web-0'));
    expect(plane.failures).toEqual([]);
  });

  it('counts a pod only when it has been ready for minReadySeconds', async () => {
    const clock = new ManualClock(new Date('2026-01-01T00:00:00Z'));
    const plane = await start(clock);
    await plane.client.of(StatefulSet).create(set({ replicas: 2, minReadySeconds: 10 }));
    await plane.until(Pod, (pods) => has(pods, 'web-0'));
    await makeReady(plane, 'web-0', '2026-01-01T00:00:00Z');
    const [unavailable] = await plane.until(StatefulSet, ([found]) => found?.status?.readyReplicas === 1);
    expect(unavailable?.status?.availableReplicas).toBe(0);
    expect(namesOf(plane.informers.of(Pod).list())).toEqual(['web-0']);
    await clock.run(10_000);
    await plane.until(Pod, (pods) => has(pods, 'web-0', 'web-1'));
    expect(plane.failures).toEqual([]);
  });

  it('begins where its ordinals begin', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    await plane.client.of(StatefulSet).create(set({ replicas: 2, ordinals: { start: 5 } }));
    await plane.until(Pod, (pods) => has(pods, 'web-5', 'web-6'));
    await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 2);
    await patch(plane, { ordinals: { start: 6 } });
    await plane.until(Pod, (pods) => has(pods, 'web-6', 'web-7'));
  });
});

describe('in parallel', () => {
  it('creates and deletes all pods at once, ready or not', async () => {
    const plane = await start();
    await plane.client.of(StatefulSet).create(set({ podManagementPolicy: 'Parallel' }));
    await plane.until(Pod, (pods) => has(pods, 'web-0', 'web-1', 'web-2'));
    await patch(plane, { replicas: 5 });
    await plane.until(Pod, (pods) => pods.length === 5);
    await patch(plane, { replicas: 1 });
    await plane.until(Pod, (pods) => has(pods, 'web-0'));
    expect(plane.failures).toEqual([]);
  });

  it('leaves a revision whose pods never become ready', async () => {
    const plane = await start();
    await plane.client.of(StatefulSet).create(set({ podManagementPolicy: 'Parallel', replicas: 2 }));
    await plane.until(Pod, (pods) => pods.length === 2);
    using _ = makeAllReady(plane);
    for (const name of ['web-0', 'web-1']) await makeUnready(plane, name);
    await patch(plane, newImage('web:2'));
    await plane.until(StatefulSet, isUpdated(2));
    const pods = plane.informers.of(Pod).list();
    expect([imageOf(pods, 'web-0'), imageOf(pods, 'web-1')]).toEqual(['web:2', 'web:2']);
  });
});

describe('an update', () => {
  it('goes from the highest ordinal down, and back again with the revision that there was', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    await plane.client.of(StatefulSet).create(set({ replicas: 2 }));
    const [before] = await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 2);
    const replaced: string[] = [];
    using __ = plane.informers.of(Pod).subscribe(({ type, object }) => {
      if (type === 'delete') replaced.push(object.metadata.name);
    });
    await patch(plane, newImage('web:2'));
    const [after] = await plane.until(StatefulSet, isUpdated(2));
    expect(replaced).toEqual(['web-1', 'web-0']);
    expect(after?.status?.currentRevision).not.toBe(before?.status?.currentRevision);
    expect(numbers(plane)).toEqual([1, 2]);
    await patch(plane, newImage('web:1'));
    const [back] = await plane.until(StatefulSet, isUpdated(3));
    expect(back?.status?.currentRevision).toBe(before?.status?.currentRevision);
    expect(numbers(plane)).toEqual([2, 3]);
    const pods = plane.informers.of(Pod).list();
    expect([imageOf(pods, 'web-0'), imageOf(pods, 'web-1')]).toEqual(['web:1', 'web:1']);
    expect(plane.failures).toEqual([]);
  });

  it('stops at the partition; pods below it come back as they were', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    await plane.client.of(StatefulSet).create(set({ updateStrategy: { rollingUpdate: { partition: 2 } } }));
    await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 3);
    await patch(plane, newImage('web:2'));
    await plane.until(StatefulSet, ([found]) => found?.status?.updatedReplicas === 1 && allReady(found));
    const old = plane.informers.of(Pod).get({ namespace: 'default', name: 'web-0' });
    await bury(plane, 'web-0');
    const pods = await plane.until(Pod, (all) => all.length === 3 && !all.some((pod) => uidOf(pod) === uidOf(old)));
    expect(['web-0', 'web-1', 'web-2'].map((name) => imageOf(pods, name))).toEqual(['web:1', 'web:1', 'web:2']);
    await patch(plane, { updateStrategy: { rollingUpdate: { partition: 0 } } });
    await plane.until(StatefulSet, isUpdated(3));
  });

  it('waits for deletion by hand where that is the strategy', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    await plane.client.of(StatefulSet).create(set({ replicas: 2, updateStrategy: { type: 'OnDelete' } }));
    await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 2);
    await patch(plane, newImage('web:2'));
    await plane.until(StatefulSet, ([found]) => found?.status?.observedGeneration === 2);
    await bury(plane, 'web-0');
    await plane.until(StatefulSet, ([found]) => found?.status?.updatedReplicas === 1 && allReady(found));
    const pods = plane.informers.of(Pod).list();
    expect([imageOf(pods, 'web-0'), imageOf(pods, 'web-1')]).toEqual(['web:2', 'web:1']);
  });

  it('keeps only so much of the history', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    await plane.client.of(StatefulSet).create(set({ replicas: 1, revisionHistoryLimit: 1 }));
    for (const generation of [2, 3, 4]) {
      await patch(plane, newImage(`web:${generation}`));
      await plane.until(StatefulSet, isUpdated(generation));
    }
    const kept = await plane.until(ControllerRevision, (all) => all.length === 2);
    expect(kept.map(({ revision }) => revision).sort()).toEqual([3, 4]);
  });
});

describe('a pod', () => {
  it.each(['Failed', 'Succeeded'] as const)('that has %s is replaced, later and later', async (phase) => {
    const clock = new ManualClock();
    const plane = await start(clock);
    await plane.client.of(StatefulSet).create(set({ replicas: 1 }));
    const uids = new Set<string | undefined>();
    for (const wait of [0, 1000, 2000]) {
      const [pod] = await plane.until(Pod, ([found]) => found !== undefined && !uids.has(uidOf(found)));
      uids.add(uidOf(pod));
      await end(plane, 'web-0', phase);
      if (wait > 0) await plane.until(Pod, ([found]) => found?.status?.phase === phase);
      await clock.run(wait - 1);
      if (wait > 0) expect(plane.informers.of(Pod).list().map(uidOf)).toEqual([uidOf(pod)]);
      await clock.run(1);
    }
    await plane.until(Pod, ([found]) => found !== undefined && !uids.has(uidOf(found)));
    const events = await plane.until(Event, (all) => all.some(({ reason }) => reason === 'SuccessfulDelete'));
    expect(events.map(({ message }) => message)).toContain('delete Pod web-0 in StatefulSet web successful');
  });

  it('that is orphaned is taken in again, and one that is not selected any more is let go', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    const first = await plane.client.of(StatefulSet).create(set({ replicas: 1 }));
    await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 1);
    await plane.client.of(StatefulSet).delete(web, { propagationPolicy: 'Orphan' });
    await plane.until(Pod, ([pod]) => (pod?.metadata.ownerReferences ?? []).length === 0);
    await plane.until(StatefulSet, (all) => all.length === 0);
    const [orphan] = plane.informers.of(Pod).list();
    const second = await plane.client.of(StatefulSet).create(set({ replicas: 1 }));
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    const [adopted] = await plane.until(Pod, ([pod]) => ownerOf(pod) === second.metadata.uid);
    expect(uidOf(adopted)).toBe(uidOf(orphan));
    const [revision] = await plane.until(ControllerRevision, ([found]) => ownerOf(found) === second.metadata.uid);
    expect(revision?.revision).toBe(1);
    await plane.client
      .of(Pod)
      .patch(
        { namespace: 'default', name: 'web-0' },
        { type: 'strategic', patch: { metadata: { labels: { app: 'other' } } } },
      );
    await plane.until(Pod, ([pod]) => ownerOf(pod) === undefined);
    expect(plane.failures.filter((failure) => !String(failure).includes('already exists'))).toEqual([]);
  });
});

describe('claims', () => {
  it('are made before the pod, and stay when pod and set go', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    await plane.client.of(StatefulSet).create(set(withData));
    const [pod] = await plane.until(Pod, (pods) => pods.length > 0);
    const [claim] = await plane.until(PersistentVolumeClaim, (all) => all.length > 0);
    expect(claim?.metadata).toMatchObject({ name: 'data-web-0', labels: { tier: 'disk', app: 'web' } });
    expect(claim?.metadata.ownerReferences).toBeUndefined();
    expect(pod?.spec?.volumes?.[0]).toMatchObject({
      name: 'data',
      persistentVolumeClaim: { claimName: 'data-web-0' },
    });
    await plane.until(PersistentVolumeClaim, (all) => has(all, 'data-web-0', 'data-web-1'));
    const events = await plane.until(Event, (all) => all.length === 4);
    expect(events.map(({ message }) => message)).toContain(
      'create Claim data-web-0 Pod web-0 in StatefulSet web success',
    );
    await plane.client.of(StatefulSet).delete(web);
    await plane.until(Pod, (pods) => pods.length === 0);
    expect(namesOf(plane.informers.of(PersistentVolumeClaim).list())).toEqual(['data-web-0', 'data-web-1']);
  });

  it('go with the pod that is scaled away, and with the set, where the policy says so', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    const policy = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' } };
    const made = await plane.client.of(StatefulSet).create(set({ ...withData, ...policy }));
    await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 2);
    const owners = plane.informers.of(PersistentVolumeClaim).list().map(ownerOf);
    expect(owners).toEqual([uidOf(made), uidOf(made)]);
    await patch(plane, { replicas: 1 });
    await plane.until(PersistentVolumeClaim, (all) => has(all, 'data-web-0'));
    await patch(plane, { replicas: 2 });
    await plane.until(PersistentVolumeClaim, (all) => has(all, 'data-web-0', 'data-web-1'));
    await plane.until(StatefulSet, ([found]) => found?.status?.observedGeneration === 3 && allReady(found));
    await plane.client.of(StatefulSet).delete(web);
    await plane.until(PersistentVolumeClaim, (all) => all.length === 0);
    expect(plane.failures).toEqual([]);
  });

  it('change their owner with the policy', async () => {
    const plane = await start();
    using _ = makeAllReady(plane);
    const made = await plane.client.of(StatefulSet).create(set({ ...withData, replicas: 1 }));
    await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 1);
    await patch(plane, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } });
    await plane.until(PersistentVolumeClaim, ([claim]) => ownerOf(claim) === uidOf(made));
    await patch(plane, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain' } });
    await plane.until(PersistentVolumeClaim, ([claim]) => claim !== undefined && ownerOf(claim) === undefined);
  });
});

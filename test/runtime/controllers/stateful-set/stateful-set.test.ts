/** StatefulSets through the real API server. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/shared/clock.ts';
import { garbageCollector } from '../../../../src/runtime/controllers/garbage-collector/index.ts';
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
import type { Persisted } from '../../../../src/types/meta.ts';
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
  const controllers = [statefulSetController, garbageCollector, serviceAccountController];
  const plane = await startControlPlane(controllers, clock);
  await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'default'));
  return plane;
}

const patch = (plane: ControlPlane, spec: JsonValue): Promise<unknown> =>
  plane.client.of(StatefulSet).patch(web, { type: 'strategic', patch: { spec } });
const newImage = (image: string): JsonValue => ({ template: { spec: { containers: [{ name: 'web', image }] } } });
const has = (pods: readonly Persisted<Pod>[], ...names: readonly string[]): boolean =>
  namesOf(pods).join() === names.join();
const imageOf = (pods: readonly Persisted<Pod>[], name: string): string | undefined =>
  pods.find(({ metadata }) => metadata.name === name)?.spec?.containers[0]?.image;

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
});

void [
  bind,
  bury,
  end,
  makeAllReady,
  makeUnready,
  newImage,
  imageOf,
  patch,
  withData,
  PersistentVolumeClaim,
  ManualClock,
];

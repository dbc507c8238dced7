/** What clients do with StatefulSets and DaemonSets while their controllers work, over HTTPS. */
import { describe, expect, it } from 'vitest';
import { daemonSetController } from '../../../../src/runtime/controllers/daemon-set/index.ts';
import { garbageCollector } from '../../../../src/runtime/controllers/garbage-collector/index.ts';
import { namespaceController } from '../../../../src/runtime/controllers/namespace/index.ts';
import { serviceAccountController } from '../../../../src/runtime/controllers/service-account/index.ts';
import { statefulSetController } from '../../../../src/runtime/controllers/stateful-set/index.ts';
import { ControllerRevision } from '../../../../src/types/kinds/apps/controller-revision.ts';
import { DaemonSet } from '../../../../src/types/kinds/apps/daemon-set.ts';
import { StatefulSet } from '../../../../src/types/kinds/apps/stateful-set.ts';
import { Namespace } from '../../../../src/types/kinds/core/namespace.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../../src/types/kinds/core/service-account.ts';
import { startControlPlane } from '../control-plane.ts';
import type { ControlPlane } from '../control-plane.ts';
import { overHttps } from '../over-https.ts';
import { makeAllReady, namesOf } from '../running-pods.ts';

const pod = { containers: [{ name: 'web', image: 'web:1' }] };
const common = {
  selector: { matchLabels: { app: 'web' } },
  template: { metadata: { labels: { app: 'web' } }, spec: pod },
};
const statefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web' },
  spec: { ...common, replicas: 2, podManagementPolicy: 'Parallel' },
};
const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'web' }, spec: common };
const sets = '/apis/apps/v1/namespaces/default/statefulsets';
const daemons = '/apis/apps/v1/namespaces/default/daemonsets';
const condition = { type: 'Told', status: 'True', reason: 'E2E', message: 'set by hand' };

async function start(): Promise<ControlPlane> {
  const plane = await startControlPlane([
    statefulSetController,
    daemonSetController,
    garbageCollector,
    namespaceController,
    serviceAccountController,
  ]);
  await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'default'));
  return plane;
}

describe('a StatefulSet', () => {
  it('is scaled by its subresource', async () => {
    const plane = await start();
    await using client = await overHttps(plane);
    expect((await client.send('POST', sets, statefulSet)).status).toBe(201);
    await plane.until(StatefulSet, ([set]) => set?.status?.replicas === 2);
    const { json: scale } = await client.send('GET', `${sets}/web/scale`);
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { replicas: 2, selector: 'app=web' } });
    const put = await client.send('PUT', `${sets}/web/scale`, { ...scale, spec: { replicas: 1 } });
    expect(put.json['spec']).toEqual({ replicas: 1 });
    await plane.until(Pod, (all) => namesOf(all).join() === 'web-0');
    expect(plane.failures).toEqual([]);
  });

  it('keeps conditions of others in its status', async () => {
    const plane = await start();
    await using client = await overHttps(plane);
    await client.send('POST', sets, statefulSet);
    await plane.until(StatefulSet, ([set]) => set?.status?.observedGeneration === 1 && set.status.replicas === 2);
    const { json } = await client.send('GET', `${sets}/web/status`);
    const status = { ...Object(json['status']), conditions: [condition] };
    expect((await client.send('PUT', `${sets}/web/status`, { ...json, status })).status).toBe(200);
    using _ = makeAllReady(plane);
    const [set] = await plane.until(StatefulSet, ([found]) => found?.status?.availableReplicas === 2);
    expect(set?.status?.conditions).toEqual([condition]);
    expect(plane.failures).toEqual([]);
  });

  it('goes with all others of a collection, its pods and its history', async () => {
    const plane = await start();
    await using client = await overHttps(plane);
    await client.send('POST', sets, { ...statefulSet, metadata: { name: 'web', labels: { test: 'yes' } } });
    await plane.until(Pod, (all) => all.length === 2);
    expect((await client.send('DELETE', `${sets}?labelSelector=test%3Dyes`)).status).toBe(200);
    await plane.until(Pod, (all) => all.length === 0);
    await plane.until(ControllerRevision, (all) => all.length === 0);
    expect(plane.failures).toEqual([]);
  });
});

describe('a DaemonSet', () => {
  it('keeps conditions of others in its status, and a revision that is made by hand', async () => {
    const plane = await start();
    await using client = await overHttps(plane);
    using _ = makeAllReady(plane);
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } };
    await client.send('POST', '/api/v1/nodes', node);
    const { json: made } = await client.send('GET', '/api/v1/nodes/a');
    await client.send('PUT', '/api/v1/nodes/a', { ...made, spec: {} });
    await client.send('POST', daemons, daemonSet);
    await plane.until(DaemonSet, ([set]) => set?.status?.numberAvailable === 1);
    const { json } = await client.send('GET', `${daemons}/web`);
    const status = { ...Object(json['status']), conditions: [condition] };
    expect((await client.send('PUT', `${daemons}/web/status`, { ...json, status })).status).toBe(200);
    const [before] = plane.informers.of(Pod).list();
    const [first] = plane.informers.of(ControllerRevision).list();
    if (!first) throw new Error('no revision');
    const { name: _name, resourceVersion: _version, uid: _uid, ...metadata } = first.metadata;
    const labels = { ...metadata.labels, 'controller-revision-hash': 'other' };
    const second = { ...first, metadata: { ...metadata, name: 'web-other', labels }, revision: 2 };
    const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';
    expect((await client.send('POST', revisions, second)).status).toBe(201);
    expect((await client.send('DELETE', `${revisions}/${first.metadata.name}`)).status).toBe(200);
    const touched = { ...daemonSet, spec: { ...common, revisionHistoryLimit: 5 } };
    expect((await client.send('PUT', `${daemons}/web`, touched)).status).toBe(200);
    const [set] = await plane.until(DaemonSet, ([found]) => found?.status?.observedGeneration === 2);
    expect(set?.status?.conditions).toEqual([condition]);
    expect(namesOf(plane.informers.of(Pod).list())).toEqual([before?.metadata.name]);
    expect(plane.failures).toEqual([]);
  });
});

describe('a namespace', () => {
  it('takes its sets along, and nobody complains', async () => {
    const plane = await start();
    await using client = await overHttps(plane);
    await client.send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'gone' },
    });
    await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'gone'));
    for (const name of ['one', 'two', 'three']) {
      const metadata = { name };
      await client.send('POST', sets.replace('default', 'gone'), { ...statefulSet, metadata });
      await client.send('POST', daemons.replace('default', 'gone'), { ...daemonSet, metadata });
    }
    await plane.until(Pod, (all) => all.length === 6);
    await client.send('DELETE', '/api/v1/namespaces/gone');
    await plane.until(Namespace, (all) => !all.some(({ metadata }) => metadata.name === 'gone'));
    expect(plane.failures).toEqual([]);
  });
});

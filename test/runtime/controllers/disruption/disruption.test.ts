/** Budgets, and evictions under them, through the real API server over HTTPS. */
import { onTestFinished, describe, expect, it } from 'vitest';
import { disruptionController } from '../../../../src/runtime/controllers/disruption/index.ts';
import { Deployment } from '../../../../src/types/kinds/apps/deployment.ts';
import { ReplicaSet } from '../../../../src/types/kinds/apps/replica-set.ts';
import { Event } from '../../../../src/types/kinds/core/event.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../../src/types/kinds/core/service-account.ts';
import type { OwnerReference } from '../../../../src/types/kinds/generated/meta-v1.gen.ts';
import type { PodDisruptionBudgetSpec } from '../../../../src/types/kinds/generated/policy-v1.gen.ts';
import { PodDisruptionBudget } from '../../../../src/types/kinds/policy/pod-disruption-budget.ts';
import type { KubeObject, Persisted } from '../../../../src/types/meta.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { startControlPlane } from '../control-plane.ts';
import type { ControlPlane } from '../control-plane.ts';
import { overHttps } from '../over-https.ts';

const labels = { app: 'web' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const spec = { selector: { matchLabels: labels }, template };

function owned(by: Persisted<KubeObject>): readonly OwnerReference[] {
  const { name, uid } = by.metadata;
  return [{ apiVersion: by.apiVersion, kind: by.kind, name, uid, controller: true }];
}

async function addPods(
  plane: ControlPlane,
  count: number,
  owners: readonly OwnerReference[],
  ready = count,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const metadata = { name: `web-${i}`, namespace: 'default', labels, ownerReferences: owners };
    const pod = await plane.client.of(Pod).create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec });
    const conditions = [{ type: 'Ready', status: i < ready ? 'True' : 'False' }];
    await plane.client.of(Pod).updateStatus({ ...pod, status: { phase: 'Running', conditions } });
  }
}

/** A Deployment of four with two ReplicaSets' pods, whose controllers do not run. */
async function addWorkload(plane: ControlPlane): Promise<readonly OwnerReference[]> {
  const metadata = { name: 'web', namespace: 'default' };
  const deployment = await plane.client
    .of(Deployment)
    .create({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { ...spec, replicas: 4 } });
  const replicaSet = await plane.client.of(ReplicaSet).create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { ...metadata, ownerReferences: owned(deployment) },
    spec: { ...spec, replicas: 2 },
  });
  return owned(replicaSet);
}

async function addBudget(plane: ControlPlane, rest: PodDisruptionBudgetSpec): Promise<void> {
  await plane.client.of(PodDisruptionBudget).create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: labels }, ...rest },
  });
}

function until(plane: ControlPlane, allowed: number): Promise<readonly Persisted<PodDisruptionBudget>[]> {
  return plane.until(PodDisruptionBudget, ([budget]) => budget?.status?.disruptionsAllowed === allowed);
}

async function start(clock?: ManualClock): Promise<ControlPlane> {
  return withAccount(await startControlPlane([disruptionController], clock));
}

async function withAccount(plane: ControlPlane): Promise<ControlPlane> {
  const metadata = { name: 'default', namespace: 'default' };
  await plane.client.of(ServiceAccount).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  return plane;
}

async function evict(plane: ControlPlane, name: string, body: object = {}, query = '') {
  const https = await overHttps(plane);
  onTestFinished(() => https[Symbol.asyncDispose]());
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' }, ...body };
  return https.send('POST', `/api/v1/namespaces/default/pods/${name}/eviction${query}`, eviction);
}

describe('the status of a budget', () => {
  it('counts a Deployment once, whatever its ReplicaSets want', async () => {
    const plane = await start();
    await addPods(plane, 4, await addWorkload(plane));
    await addBudget(plane, { maxUnavailable: '50%' });
    const [budget] = await until(plane, 2);
    expect(budget?.status).toMatchObject({ expectedPods: 4, desiredHealthy: 2, currentHealthy: 4 });
    expect(plane.failures).toEqual([]);
  });

  it('follows readiness', async () => {
    const plane = await start();
    await addPods(plane, 3, []);
    await addBudget(plane, { minAvailable: 2 });
    await until(plane, 1);
    const pod = await plane.client.of(Pod).get({ namespace: 'default', name: 'web-0' });
    if (!pod) throw new Error('there is no pod');
    const conditions = [{ type: 'Ready', status: 'False' }];
    await plane.client.of(Pod).updateStatus({ ...pod, status: { ...pod.status, conditions } });
    const [budget] = await until(plane, 0);
    expect(budget?.status?.conditions).toMatchObject([{ type: 'DisruptionAllowed', reason: 'InsufficientPods' }]);
  });

  it('says why it cannot be calculated', async () => {
    const plane = await start();
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agents', uid: 'x', controller: true };
    await addPods(plane, 1, [owner]);
    await addBudget(plane, { maxUnavailable: 1 });
    await plane.until(PodDisruptionBudget, ([budget]) => budget?.status?.conditions?.[0]?.reason === 'SyncFailed');
    const [event] = await plane.until(Event, (all) => all.length > 0);
    expect(event?.message).toContain('daemonsets.apps does not implement the scale subresource');
    const refused = await evict(plane, 'web-0');
    expect(refused.json).toMatchObject({ code: 429, details: { causes: [{ reason: 'DisruptionBudget' }] } });
  });

  it('takes a pod back that was not deleted in time', async () => {
    const clock = new ManualClock(new Date());
    const plane = await start(clock);
    await addPods(plane, 3, []);
    await addBudget(plane, { minAvailable: 2 });
    const [budget] = await until(plane, 1);
    if (!budget) throw new Error('there is no budget');
    const disrupted = { 'web-0': `${clock.now().toISOString().slice(0, 19)}Z` };
    await plane.client
      .of(PodDisruptionBudget)
      .updateStatus({ ...budget, status: { ...budget.status, disruptionsAllowed: 0, disruptedPods: disrupted } });
    const [after] = await plane.until(PodDisruptionBudget, ([found]) => found?.status?.currentHealthy === 2);
    expect(after?.status?.disruptedPods).toEqual(disrupted);
    await clock.waitForTimers();
    await clock.run(121_000);
    expect((await until(plane, 1))[0]?.status?.disruptedPods).toBeUndefined();
  });
});

describe('an announcement of a disruption', () => {
  it('is taken back when the pod is still there', async () => {
    const clock = new ManualClock(new Date());
    const plane = await start(clock);
    await addPods(plane, 1, []);
    const key = { namespace: 'default', name: 'web-0' };
    const pod = await plane.client.of(Pod).get(key);
    if (!pod) throw new Error('there is no pod');
    const announced = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: clock.now().toISOString() };
    const conditions = [...(pod.status?.conditions ?? []), announced];
    await plane.client.of(Pod).updateStatus({ ...pod, status: { ...pod.status, conditions } });
    const stateOf = (found: Pod | undefined): string | undefined =>
      found?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.status;
    await plane.until(Pod, ([found]) => stateOf(found) === 'True');
    await clock.run(119_000);
    expect(stateOf(await plane.client.of(Pod).get(key))).toBe('True');
    await clock.run(2000);
    await plane.until(Pod, ([found]) => stateOf(found) === 'False');
    expect(plane.failures).toEqual([]);
  });
});

describe('an eviction', () => {
  it('uses the budget up, marks the pod, and is refused when nothing is left', async () => {
    const plane = await start();
    await addPods(plane, 3, []);
    await addBudget(plane, { minAvailable: 2 });
    await until(plane, 1);
    const dry = await evict(plane, 'web-0', {}, '?dryRun=All');
    expect(dry.status).toBe(201);
    expect((await plane.client.of(Pod).get({ namespace: 'default', name: 'web-0' }))?.metadata.deletionTimestamp).toBe(
      undefined,
    );
    // Kept by a finalizer, to be looked at.
    await plane.client
      .of(Pod)
      .patch(
        { namespace: 'default', name: 'web-0' },
        { type: 'merge', patch: { metadata: { finalizers: ['test/kept'] } } },
      );
    expect((await evict(plane, 'web-0')).status).toBe(201);
    const pod = await plane.client.of(Pod).get({ namespace: 'default', name: 'web-0' });
    expect(pod?.metadata.deletionTimestamp).toBeDefined();
    expect(pod?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }),
    );
    const refused = await evict(plane, 'web-1');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBeUndefined();
    expect(refused.json).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: 'DisruptionBudget', message: 'The disruption budget web needs 2 healthy pods and has 2 currently' },
        ],
      },
    });
  });

  it('does not collide with others that ask the same budget at the same time', async () => {
    const plane = await start();
    await addPods(plane, 6, []);
    await addBudget(plane, { minAvailable: 3 });
    await until(plane, 3);
    const answers = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => evict(plane, `web-${index}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 429, 429, 429]);
  });

  it('has to wait for a budget that nobody has looked at', async () => {
    const plane = await withAccount(await startControlPlane([]));
    await addPods(plane, 1, []);
    await addBudget(plane, { minAvailable: 0 });
    const refused = await evict(plane, 'web-0');
    expect(refused.headers['retry-after']).toBe('10');
    expect(refused.text).toContain('The disruption budget web is still being processed by the server.');
  });

  it('takes pods that are not ready by the policy for them', async () => {
    const plane = await start();
    await addPods(plane, 3, [], 1);
    await addBudget(plane, { minAvailable: 2 });
    await until(plane, 0);
    expect((await evict(plane, 'web-2')).status).toBe(429);
    const key = { namespace: 'default', name: 'web' };
    const patch = { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } };
    await plane.client.of(PodDisruptionBudget).patch(key, { type: 'merge', patch });
    await plane.until(PodDisruptionBudget, ([budget]) => budget?.status?.observedGeneration === 2);
    expect((await evict(plane, 'web-2')).status).toBe(201);
    expect((await evict(plane, 'web-0')).status).toBe(429);
  });

  it('of a finished pod asks no budget, of a pod under two is refused', async () => {
    const plane = await start();
    await addPods(plane, 2, []);
    await addBudget(plane, { minAvailable: 2 });
    await until(plane, 0);
    const pod = await plane.client.of(Pod).get({ namespace: 'default', name: 'web-0' });
    if (!pod) throw new Error('there is no pod');
    await plane.client.of(Pod).updateStatus({ ...pod, status: { ...pod.status, phase: 'Succeeded' } });
    expect((await evict(plane, 'web-0')).status).toBe(201);
    await plane.client.of(PodDisruptionBudget).create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'second', namespace: 'default' },
      spec: { selector: {}, minAvailable: 0 },
    });
    const refused = await evict(plane, 'web-1');
    expect(refused.json).toMatchObject({
      code: 500,
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    });
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { findCondition } from '../../../src/types/conditions.ts';
import { Event } from '../../../src/types/kinds/core/event.ts';
import { Node } from '../../../src/types/kinds/core/node.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../src/types/kinds/core/service-account.ts';
import { startControlPlane } from '../controllers/control-plane.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';

async function start(): Promise<ControlPlane> {
  const plane = await startControlPlane([]);
  const { client, informers, failures } = plane;
  // No controller makes it here, and every pod has one.
  await client.of(ServiceAccount).create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'default' },
  });
  const scheduler = new Scheduler({ client, informers, clock: systemClock, onError: (error) => failures.push(error) });
  const running = await scheduler.start(new AbortController().signal);
  onTestFinished(() => running[Symbol.asyncDispose]());
  return plane;
}

async function createNode({ client }: ControlPlane, name: string, cpu: string): Promise<void> {
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
  await client.of(Node).create(node);
  const patch = { status: { allocatable: { cpu, memory: '4Gi', pods: '110' } } };
  await client.of(Node).patch({ namespace: '', name }, { type: 'merge', patch }, { subresource: 'status' });
  // What the node controller does for a node that is ready.
  await client.of(Node).patch({ namespace: '', name }, { type: 'merge', patch: { spec: { taints: null } } });
}

async function createPod({ client }: ControlPlane, name: string, cpu: string): Promise<void> {
  await client.of(Pod).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }] },
  });
}

describe('the scheduler', () => {
  it('binds a pod and says so', async () => {
    const plane = await start();
    await createNode(plane, 'n1', '2');
    await createPod(plane, 'web', '1');
    const [pod] = await plane.until(Pod, (pods) => pods.some(({ spec }) => spec?.nodeName === 'n1'));
    expect(findCondition(pod?.status?.conditions, 'PodScheduled')).toMatchObject({ status: 'True' });
    const [event] = await plane.until(Event, (events) => events.some(({ reason }) => reason === 'Scheduled'));
    expect(event?.message).toBe('Successfully assigned default/web to n1');
    expect(plane.failures).toEqual([]);
  });

  it('says why a pod waits, and binds it when room comes', async () => {
    const plane = await start();
    await createNode(plane, 'small', '500m');
    await createPod(plane, 'web', '1');
    const message =
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
    const [waiting] = await plane.until(Pod, (pods) =>
      pods.some(({ status }) => findCondition(status?.conditions, 'PodScheduled')?.message === message),
    );
    expect(findCondition(waiting?.status?.conditions, 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
    });
    await plane.until(Event, (events) => events.some(({ reason }) => reason === 'FailedScheduling'));
    await createNode(plane, 'large', '4');
    const [bound] = await plane.until(Pod, (pods) => pods.some(({ spec }) => spec?.nodeName === 'large'));
    expect(findCondition(bound?.status?.conditions, 'PodScheduled')).toMatchObject({ status: 'True' });
    expect(plane.failures).toEqual([]);
  });

  it('counts pods that it has just placed', async () => {
    const plane = await start();
    await createNode(plane, 'n1', '2');
    await Promise.all(['a', 'b', 'c'].map((name) => createPod(plane, name, '1')));
    const pods = await plane.until(
      Pod,
      (all) =>
        all.filter(({ spec }) => spec?.nodeName === 'n1').length === 2 &&
        all.some(({ status }) => findCondition(status?.conditions, 'PodScheduled')?.status === 'False'),
    );
    expect(pods).toHaveLength(3);
    const loser = pods.find(({ spec }) => spec?.nodeName === undefined);
    // When one goes, the waiting one takes its place.
    const gone = pods.find(({ spec }) => spec?.nodeName === 'n1')?.metadata.name ?? '';
    await plane.client.of(Pod).delete({ namespace: 'default', name: gone }, { gracePeriodSeconds: 0 });
    await plane.until(Pod, (all) =>
      all.some(({ metadata, spec }) => metadata.name === loser?.metadata.name && spec?.nodeName === 'n1'),
    );
    expect(plane.failures).toEqual([]);
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { findCondition } from '../../../src/types/conditions.ts';
import { Event } from '../../../src/types/kinds/core/event.ts';
import { Node } from '../../../src/types/kinds/core/node.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { PriorityClass } from '../../../src/types/kinds/scheduling/priority-class.ts';
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

async function createPod(
  { client }: ControlPlane,
  name: string,
  cpu: string,
  spec: Partial<NonNullable<Pod['spec']>> = {},
): Promise<void> {
  await client.of(Pod).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }], ...spec },
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

  it('leaves pods alone that have gates, until they have none', async () => {
    const plane = await start();
    await createNode(plane, 'n1', '2');
    await createPod(plane, 'gated', '1', { schedulingGates: [{ name: 'example.com/ready' }] });
    await createPod(plane, 'free', '1');
    await plane.until(Pod, (pods) => pods.some(({ spec }) => spec?.nodeName === 'n1'));
    const key = { namespace: 'default', name: 'gated' };
    const gated = await plane.client.of(Pod).get(key);
    expect(findCondition(gated?.status?.conditions, 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'SchedulingGated',
    });
    await plane.client.of(Pod).patch(key, { type: 'merge', patch: { spec: { schedulingGates: null } } });
    await plane.until(Pod, (pods) => pods.every(({ spec }) => spec?.nodeName === 'n1'));
  });

  it('takes less important pods off a node for more important ones, and keeps the room', async () => {
    const plane = await start();
    const { client } = plane;
    for (const [name, value] of [
      ['low', 1],
      ['middle', 50],
      ['high', 100],
    ] as const) {
      const priority: PriorityClass = {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name },
        value,
      };
      await client.of(PriorityClass).create(priority);
    }
    await createNode(plane, 'n1', '2');
    await createPod(plane, 'victim', '1500m', { priorityClassName: 'low', terminationGracePeriodSeconds: 30 });
    await plane.until(Pod, (pods) => pods.some(({ spec }) => spec?.nodeName === 'n1'));
    await createPod(plane, 'important', '1', { priorityClassName: 'high' });
    const leaving = await plane.until(
      Pod,
      (pods) =>
        pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined) &&
        pods.some(({ status }) => status?.nominatedNodeName === 'n1'),
    );
    const victim = leaving.find(({ metadata }) => metadata.name === 'victim');
    expect(findCondition(victim?.status?.conditions, 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    });
    const events = await plane.until(Event, (all) => all.some(({ reason }) => reason === 'Preempted'));
    const uid = leaving.find(({ metadata }) => metadata.name === 'important')?.metadata.uid;
    expect(events.find(({ reason }) => reason === 'Preempted')?.message).toBe(`Preempted by pod ${uid} on node n1`);
    // It would fit beside the victim's rest, but not beside the one that room is made for.
    await createPod(plane, 'latecomer', '1500m', { priorityClassName: 'middle' });
    await plane.until(Pod, (pods) =>
      pods.some(
        ({ metadata, status }) =>
          metadata.name === 'latecomer' &&
          findCondition(status?.conditions, 'PodScheduled')?.message?.includes('Insufficient cpu') === true,
      ),
    );
    await client.of(Pod).delete({ namespace: 'default', name: 'victim' }, { gracePeriodSeconds: 0 });
    const bound = await plane.until(Pod, (pods) => pods.some(({ spec }) => spec?.nodeName === 'n1'));
    const important = bound.find(({ metadata }) => metadata.name === 'important');
    expect(important?.spec?.nodeName).toBe('n1');
    expect(important?.status?.nominatedNodeName).toBeUndefined();
    expect(plane.failures).toEqual([]);
  });
});

/** Jobs down to their pods, through the real API server. */
import { describe, expect, it } from 'vitest';
import { isConditionTrue } from '../../../../src/types/conditions.ts';
import { Job } from '../../../../src/types/kinds/batch/job.ts';
import { Event } from '../../../../src/types/kinds/core/event.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { keyOf } from '../../../../src/types/meta.ts';
import { endPod, startJobPlane, work } from './job-plane.ts';

const tracking = 'batch.kubernetes.io/job-tracking';
const key = { namespace: 'default', name: 'work' };
const isComplete = ({ status }: Job): boolean => isConditionTrue(status?.conditions, 'Complete');
const hasFailed = ({ status }: Job): boolean => isConditionTrue(status?.conditions, 'Failed');

describe('a Job', () => {
  it('runs as many pods at a time as it may, until enough have succeeded', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ completions: 3, parallelism: 2 }));
    const first = await plane.untilActive(2);
    const [pod] = first;
    expect(pod?.metadata.name).toMatch(/^work-[a-z0-9]{5}$/);
    expect(pod?.metadata.finalizers).toEqual([tracking]);
    expect(pod?.metadata.labels).toMatchObject({ 'job-name': 'work', 'batch.kubernetes.io/job-name': 'work' });
    for (const each of first) await endPod(plane, each, 'Succeeded');
    const [last] = await plane.untilActive(1);
    await plane.untilJob(({ status }) => status?.succeeded === 2 && status.active === 1);
    if (last) await endPod(plane, last, 'Succeeded');
    const job = await plane.untilJob(isComplete);
    expect(job.status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(job.status?.active).toBeUndefined();
    expect(job.status?.completionTime).toBe('2026-01-01T00:00:00Z');
    expect(job.status?.conditions?.map(({ type, reason }) => [type, reason])).toEqual([
      ['SuccessCriteriaMet', 'CompletionsReached'],
      ['Complete', 'CompletionsReached'],
    ]);
    const pods = await plane.until(Pod, (all) => all.every(({ metadata }) => metadata.finalizers === undefined));
    expect(pods).toHaveLength(3);
    expect((await plane.untilEvent('Completed')).message).toBe('Job completed');
    const created = plane.informers
      .of(Event)
      .list()
      .filter(({ reason }) => reason === 'SuccessfulCreate');
    expect(created.filter(({ involvedObject }) => involvedObject.kind === 'Job')).toHaveLength(3);
    expect(plane.failures).toEqual([]);
  });

  it('waits longer after each failure, and fails at its limit', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ backoffLimit: 2 }));
    for (const [failed, wait] of [
      [1, 10_000],
      [2, 20_000],
    ] as const) {
      const [pod] = await plane.untilActive(1);
      if (pod) await endPod(plane, pod, { exitCode: 1 });
      await plane.untilJob(({ status }) => status?.failed === failed);
      await plane.clock.run(wait - 1000);
      expect(plane.informers.of(Pod).list()).toHaveLength(failed);
      await plane.clock.run(1000);
    }
    const [pod] = await plane.untilActive(1);
    if (pod) await endPod(plane, pod, { exitCode: 1 });
    const job = await plane.untilJob(hasFailed);
    expect(job.status).toMatchObject({ failed: 3 });
    expect(job.status?.completionTime).toBeUndefined();
    expect(job.status?.conditions).toMatchObject([
      { type: 'FailureTarget', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' },
      { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' },
    ]);
    expect((await plane.untilEvent('BackoffLimitExceeded')).type).toBe('Warning');
    expect(plane.failures).toEqual([]);
  });

  it('ends its pods at its deadline', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ activeDeadlineSeconds: 30 }));
    await plane.untilActive(1);
    await plane.untilJob(({ status }) => status?.active === 1);
    await plane.clock.run(30_000);
    const job = await plane.untilJob(hasFailed);
    expect(job.status?.conditions?.at(-1)).toMatchObject({ reason: 'DeadlineExceeded' });
    await plane.untilActive(0);
    expect(job.status?.failed).toBe(1);
    expect(plane.failures).toEqual([]);
  });

  it('is suspended and resumed', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ suspend: true, activeDeadlineSeconds: 60 }));
    const suspended = await plane.untilJob(({ status }) => isConditionTrue(status?.conditions, 'Suspended'));
    expect(suspended.status?.startTime).toBeUndefined();
    await plane.clock.run(100_000);
    await plane.client.of(Job).patch(key, { type: 'merge', patch: { spec: { suspend: false } } });
    await plane.untilActive(1);
    const resumed = await plane.untilJob(({ status }) => status?.active === 1);
    expect(resumed.status?.startTime).toBe('2026-01-01T00:01:40Z');
    expect(resumed.status?.conditions).toMatchObject([{ type: 'Suspended', status: 'False', reason: 'JobResumed' }]);
    await plane.client.of(Job).patch(key, { type: 'merge', patch: { spec: { suspend: true } } });
    await plane.untilActive(0);
    const again = await plane.untilJob(({ status }) => isConditionTrue(status?.conditions, 'Suspended'));
    expect(again.status?.failed).toBeUndefined();
    await plane.untilEvent('Suspended');
    await plane.untilEvent('Resumed');
    await plane.until(Pod, (all) => all.length === 0);
    expect(plane.failures).toEqual([]);
  });

  it('lets its pods go when it is deleted', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ parallelism: 2, completions: 2 }));
    await plane.untilActive(2);
    await plane.client.of(Job).delete(key, { propagationPolicy: 'Background' });
    await plane.until(Pod, (all) => all.length === 0);
    await plane.client.of(Job).create(work());
    await plane.untilActive(1);
    await plane.client.of(Job).delete(key, { propagationPolicy: 'Foreground' });
    await plane.until(Job, (all) => all.length === 0);
    await plane.until(Pod, (all) => all.length === 0);
    await plane.client.of(Job).create(work());
    await plane.untilActive(1);
    await plane.client.of(Job).delete(key, { propagationPolicy: 'Orphan' });
    const [orphan] = await plane.until(Pod, ([pod]) => pod !== undefined && pod.metadata.finalizers === undefined);
    expect(orphan?.metadata.ownerReferences).toBeUndefined();
    expect(plane.failures).toEqual([]);
  });

  it('adopts orphans that it selects, and releases pods that it no longer does', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work());
    const [pod] = await plane.untilActive(1);
    if (!pod) throw new Error('no pod');
    await plane.client.of(Pod).patch(keyOf(pod), { type: 'merge', patch: { metadata: { ownerReferences: null } } });
    const isHeld = ({ metadata }: Pod): boolean =>
      metadata.ownerReferences !== undefined && metadata.finalizers?.includes(tracking) === true;
    await plane.until(Pod, (all) => all.some((each) => each.metadata.uid === pod.metadata.uid && isHeld(each)));
    await plane.client.of(Pod).patch(keyOf(pod), { type: 'merge', patch: { metadata: { labels: null } } });
    await plane.until(Pod, (all) =>
      all.some(
        ({ metadata }) =>
          metadata.uid === pod.metadata.uid && !metadata.ownerReferences && metadata.finalizers === undefined,
      ),
    );
    await plane.until(Pod, (all) => all.some((each) => each.metadata.uid !== pod.metadata.uid && isHeld(each)));
  });
});

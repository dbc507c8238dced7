/** Indexed jobs, and the policies on failures and successes, through the real API server. */
import { describe, expect, it } from 'vitest';
import { isConditionTrue } from '../../../../src/types/conditions.ts';
import { Job } from '../../../../src/types/kinds/batch/job.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { keyOf } from '../../../../src/types/meta.ts';
import type { Persisted } from '../../../../src/types/meta.ts';
import { endPod, startJobPlane, work } from './job-plane.ts';
import type { End, JobPlane } from './job-plane.ts';

const key = { namespace: 'default', name: 'work' };
const indexKey = 'batch.kubernetes.io/job-completion-index';
const failuresKey = 'batch.kubernetes.io/job-index-failure-count';
const ignoredKey = 'batch.kubernetes.io/job-index-ignored-failure-count';
const indexed = { completionMode: 'Indexed' } as const;
const isComplete = ({ status }: Job): boolean => isConditionTrue(status?.conditions, 'Complete');
const hasFailed = ({ status }: Job): boolean => isConditionTrue(status?.conditions, 'Failed');
const lastReason = ({ status }: Job): string | undefined => status?.conditions?.at(-1)?.reason;

function ofIndex(pods: readonly Persisted<Pod>[], index: number): Persisted<Pod> {
  const pod = pods.find(({ metadata }) => metadata.annotations?.[indexKey] === `${index}`);
  if (!pod) throw new Error(`no pod of index ${index}`);
  return pod;
}

async function endIndex(plane: JobPlane, active: number, index: number, end: End): Promise<void> {
  await endPod(plane, ofIndex(await plane.untilActive(active), index), end);
}

describe('an indexed Job', () => {
  it('gives each pod its index, and completes with every index', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ ...indexed, completions: 4, parallelism: 2 }));
    const pods = await plane.untilActive(2);
    const pod = ofIndex(pods, 1);
    expect(pod.metadata.name).toMatch(/^work-1-[a-z0-9]{5}$/);
    expect(pod.metadata.labels?.[indexKey]).toBe('1');
    expect(pod.spec?.hostname).toBe('work-1');
    expect(pod.spec?.containers[0]?.env).toEqual([
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${indexKey}']` } },
      },
    ]);
    await endPod(plane, pod, 'Succeeded');
    await plane.untilJob(({ status }) => status?.completedIndexes === '1');
    await plane.untilActive(2);
    await endIndex(plane, 2, 2, 'Succeeded');
    await endIndex(plane, 2, 3, 'Succeeded');
    expect((await plane.untilJob(({ status }) => status?.succeeded === 3)).status?.completedIndexes).toBe('1-3');
    await endIndex(plane, 1, 0, 'Succeeded');
    const job = await plane.untilJob(isComplete);
    expect(job.status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
    expect(plane.failures).toEqual([]);
  });

  it('grows and shrinks with its parallelism', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ ...indexed, completions: 2, parallelism: 2 }));
    await plane.untilActive(2);
    const scale = (count: number): Promise<unknown> =>
      plane.client.of(Job).patch(key, { type: 'merge', patch: { spec: { completions: count, parallelism: count } } });
    await scale(4);
    await endIndex(plane, 4, 3, 'Succeeded');
    await plane.untilJob(({ status }) => status?.completedIndexes === '3');
    await scale(1);
    const job = await plane.untilJob(({ status }) => status?.completedIndexes === undefined && status?.active === 1);
    expect(job.status?.succeeded).toBeUndefined();
    ofIndex(await plane.untilActive(1), 0);
    await expect(
      plane.client.of(Job).patch(key, { type: 'merge', patch: { spec: { completions: 3 } } }),
    ).rejects.toThrow('spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism');
  });

  it('counts failures by index', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ ...indexed, completions: 2, parallelism: 2, backoffLimitPerIndex: 1 }));
    const first = ofIndex(await plane.untilActive(2), 0);
    expect(first.metadata.annotations?.[failuresKey]).toBe('0');
    await endPod(plane, first, { exitCode: 1 });
    await plane.untilJob(({ status }) => status?.active === 1);
    // Held until its successor has taken the count over.
    expect((await plane.client.of(Pod).get(keyOf(first)))?.metadata.finalizers).toHaveLength(1);
    await plane.clock.run(10_000);
    const second = ofIndex(await plane.untilActive(2), 0);
    expect(second.metadata.annotations?.[failuresKey]).toBe('1');
    await plane.untilJob(({ status }) => status?.failed === 1);
    await endPod(plane, second, { exitCode: 1 });
    await plane.untilJob(({ status }) => status?.failedIndexes === '0');
    await endIndex(plane, 1, 1, 'Succeeded');
    const job = await plane.untilJob(hasFailed);
    expect(lastReason(job)).toBe('FailedIndexes');
    expect(job.status).toMatchObject({ failed: 2, succeeded: 1, completedIndexes: '1', failedIndexes: '0' });
    expect(plane.failures).toEqual([]);
  });

  it('ends early with too many failed indexes', async () => {
    const plane = await startJobPlane();
    const limits = { backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
    await plane.client.of(Job).create(work({ ...indexed, ...limits, completions: 4, parallelism: 4 }));
    await endIndex(plane, 4, 1, { exitCode: 1 });
    await endIndex(plane, 3, 2, { exitCode: 1 });
    const job = await plane.untilJob(hasFailed);
    expect(lastReason(job)).toBe('MaxFailedIndexesExceeded');
    expect(job.status?.failedIndexes).toBe('1,2');
    await plane.untilActive(0);
  });

  it('succeeds early by its success policy', async () => {
    const plane = await startJobPlane();
    const successPolicy = { rules: [{ succeededIndexes: '3' }, { succeededIndexes: '0-1', succeededCount: 1 }] };
    await plane.client.of(Job).create(work({ ...indexed, successPolicy, completions: 4, parallelism: 4 }));
    await endIndex(plane, 4, 2, 'Succeeded');
    await endIndex(plane, 3, 1, 'Succeeded');
    const job = await plane.untilJob(isComplete);
    expect(job.status?.conditions).toMatchObject([
      { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: 'Matched rules at index 1' },
      { type: 'Complete', reason: 'SuccessPolicy', message: 'Matched rules at index 1' },
    ]);
    expect(job.status).toMatchObject({ succeeded: 2, completedIndexes: '1,2' });
    expect(job.status?.failed).toBeUndefined();
    await plane.untilActive(0);
    expect(plane.failures).toEqual([]);
  });
});

describe('the policy of a Job on failures', () => {
  const restartPolicy = 'Never' as const;
  const template = {
    spec: {
      restartPolicy,
      containers: [
        { name: 'main', image: 'work:1' },
        { name: 'side', image: 'work:1' },
      ],
    },
  };

  it('fails it, ignores or counts by exit code and condition', async () => {
    const plane = await startJobPlane();
    const rules = [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
      { action: 'Count', onExitCodes: { operator: 'In', values: [2] } },
      { action: 'FailJob', onExitCodes: { containerName: 'side', operator: 'NotIn', values: [1, 2] } },
    ] as const;
    await plane.client.of(Job).create(work({ template, podFailurePolicy: { rules } }));
    const [evicted] = await plane.untilActive(1);
    if (evicted) await endPod(plane, evicted, { condition: 'DisruptionTarget' });
    await plane.until(Pod, (all) => all.every(({ metadata }) => metadata.finalizers === undefined));
    expect((await plane.jobNow())?.status?.failed).toBeUndefined();
    await plane.clock.run(10_000);
    const [counted] = await plane.untilActive(1);
    if (counted) await endPod(plane, counted, { exitCode: 2 });
    await plane.untilJob(({ status }) => status?.failed === 1);
    await plane.clock.run(20_000);
    const [fatal] = await plane.untilActive(1);
    if (fatal) await endPod(plane, fatal, { exitCode: 42 });
    const job = await plane.untilJob(hasFailed);
    expect(job.status?.conditions?.at(-1)).toMatchObject({
      reason: 'PodFailurePolicy',
      message: `Container side for pod default/${fatal?.metadata.name ?? ''} failed with exit code 42 matching FailJob rule at index 2`,
    });
    expect(plane.failures).toEqual([]);
  });

  it('fails an index at once, and counts what it ignores apart', async () => {
    const plane = await startJobPlane();
    const rules = [
      { action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } },
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [43] } },
    ] as const;
    const spec = { ...indexed, completions: 2, parallelism: 2, backoffLimitPerIndex: 3, podFailurePolicy: { rules } };
    await plane.client.of(Job).create(work(spec));
    const pods = await plane.untilActive(2);
    await endPod(plane, ofIndex(pods, 0), { exitCode: 42 });
    await endPod(plane, ofIndex(pods, 1), { exitCode: 43 });
    await plane.untilJob(({ status }) => status?.failedIndexes === '0' && status.active === undefined);
    await plane.clock.run(10_000);
    const [successor] = await plane.untilActive(1);
    expect(successor?.metadata.annotations).toMatchObject({ [failuresKey]: '0', [ignoredKey]: '1' });
  });
});

describe('replacements', () => {
  it('wait until a pod has ended, where that is the policy', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work({ podReplacementPolicy: 'Failed', backoffLimit: 0 }));
    const [pod] = await plane.untilActive(1);
    if (!pod) throw new Error('no pod');
    await bind(plane, pod);
    await plane.client.of(Pod).delete(keyOf(pod));
    const waiting = await plane.untilJob(({ status }) => status?.terminating === 1);
    expect(waiting.status?.active).toBeUndefined();
    await plane.clock.run(30_000);
    expect(plane.informers.of(Pod).list()).toHaveLength(1);
    await endPod(plane, pod, 'Succeeded');
    await plane.untilJob(isComplete);
  });

  it('come at once otherwise, and the pod counts as failed', async () => {
    const plane = await startJobPlane();
    await plane.client.of(Job).create(work());
    const [pod] = await plane.untilActive(1);
    if (!pod) throw new Error('no pod');
    await bind(plane, pod);
    await plane.client.of(Pod).delete(keyOf(pod));
    await plane.untilJob(({ status }) => status?.failed === 1 && status.terminating === 1);
    await plane.clock.run(10_000);
    await plane.untilActive(1);
    expect(plane.failures).toEqual([]);
  });
});

/** Bound pods are deleted gracefully: they stay until their kubelet has ended them. */
async function bind(plane: JobPlane, pod: Persisted<Pod>): Promise<void> {
  await plane.client.of(Pod).postSubresource(keyOf(pod), 'binding', {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: pod.metadata.name, namespace: 'default' },
    ...{ target: { kind: 'Node', name: 'node' } },
  });
}

it('a work queue starts no more pods once one has succeeded', async () => {
  const plane = await startJobPlane();
  await plane.client.of(Job).create(work({ parallelism: 3 }));
  const [first, second, third] = await plane.untilActive(3);
  if (!first || !second || !third) throw new Error('no pods');
  await endPod(plane, first, 'Succeeded');
  await plane.untilJob(({ status }) => status?.succeeded === 1);
  await endPod(plane, second, { exitCode: 1 });
  await plane.untilJob(({ status }) => status?.failed === 1);
  await plane.clock.run(30_000);
  expect(plane.informers.of(Pod).list()).toHaveLength(3);
  await endPod(plane, third, 'Succeeded');
  const job = await plane.untilJob(isComplete);
  expect(job.status).toMatchObject({ succeeded: 2, failed: 1 });
});

it('restarts in place are the failures where containers are restarted', async () => {
  const plane = await startJobPlane();
  const template = { spec: { restartPolicy: 'OnFailure' as const, containers: [{ name: 'main', image: 'work:1' }] } };
  await plane.client.of(Job).create(work({ template, backoffLimit: 2 }));
  const [pod] = await plane.untilActive(1);
  const live = pod && (await plane.client.of(Pod).get(keyOf(pod)));
  if (!live) throw new Error('no pod');
  const container = { name: 'main', image: 'work:1', imageID: '', ready: false, restartCount: 2 };
  await plane.client.of(Pod).updateStatus({ ...live, status: { phase: 'Running', containerStatuses: [container] } });
  const job = await plane.untilJob(hasFailed);
  expect(lastReason(job)).toBe('BackoffLimitExceeded');
});

it('a job that somebody else manages is left alone', async () => {
  const plane = await startJobPlane();
  await plane.client.of(Job).create(work({ managedBy: 'example.com/queue' }));
  await plane.client.of(Job).create(work({ managedBy: 'kubernetes.io/job-controller' }, 'own'));
  const [pod] = await plane.untilActive(1);
  expect(pod?.metadata.labels?.['job-name']).toBe('own');
  expect((await plane.jobNow())?.status).toEqual({});
});

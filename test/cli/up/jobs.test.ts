/** What `up` makes of Jobs and CronJobs. */
import { describe, expect, it } from 'vitest';
import { podFailure, podTrouble } from '../../../src/cli/up/pod-trouble.ts';
import { readinessOf } from '../../../src/cli/up/readiness.ts';
import type { CronJob } from '../../../src/types/kinds/batch/cron-job.ts';
import type { Job } from '../../../src/types/kinds/batch/job.ts';
import type { ContainerStatus } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import type { JobSpec, JobStatus } from '../../../src/types/kinds/generated/batch-v1.gen.ts';
import type { Pod } from '../../../src/types/kinds/core/pod.ts';

const template = { spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'work:1' }] } };

function job(status: JobStatus, spec: Partial<JobSpec> = {}): Job {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'work' }, spec: { template, ...spec }, status };
}

const condition = (type: string, message?: string) => ({ type, status: 'True', ...(message && { message }) });

describe('a Job', () => {
  it.each([
    ['waiting', '0 of 1 completed', job({})],
    ['waiting', '1 of 3 completed, 2 failed', job({ succeeded: 1, failed: 2 }, { completions: 3 })],
    ['ready', '3 of 3 completed', job({ succeeded: 3, conditions: [condition('Complete')] }, { completions: 3 })],
    ['ready', 'suspended', job({}, { suspend: true })],
    ['failed', 'too many', job({ conditions: [condition('FailureTarget', 'too many')] })],
    ['failed', 'too late', job({ conditions: [condition('FailureTarget'), condition('Failed', 'too late')] })],
  ])('is %s: %s', (state, detail, object) => expect(readinessOf(object)).toEqual({ state, detail }));
});

describe('a CronJob', () => {
  const cronJob = (suspend: boolean): CronJob => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick' },
    spec: { schedule: '@hourly', suspend, jobTemplate: { spec: { template } } },
  });

  it('is ready as soon as it is there', () => {
    expect(readinessOf(cronJob(false))).toEqual({ state: 'ready', detail: 'scheduled @hourly' });
    expect(readinessOf(cronJob(true))).toEqual({ state: 'ready', detail: 'suspended' });
  });
});

describe('a pod', () => {
  const pod = (status: Partial<ContainerStatus>, owner: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'work-1',
      ownerReferences: [{ apiVersion: 'batch/v1', kind: owner, name: 'work', uid: '1', controller: true }],
    },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'main', image: 'work:1', imageID: '', ready: false, restartCount: 3, ...status }],
    },
  });
  const crashing = {
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
    lastState: { terminated: { exitCode: 2, reason: 'Error', message: 'no disk\n' } },
  };

  it('of a job may crash until its job has enough of it', () => {
    expect(podTrouble(pod(crashing, 'Job'))).toBeUndefined();
    expect(podTrouble(pod(crashing, 'ReplicaSet'))?.reason).toBe('CrashLoopBackOff');
    const pulling = { state: { waiting: { reason: 'ImagePullBackOff' } } };
    expect(podTrouble(pod(pulling, 'Job'))?.reason).toBe('ImagePullBackOff');
  });

  it('tells by which container it failed', () => {
    expect(podFailure(pod(crashing, 'Job'))).toEqual({
      reason: 'Error',
      of: 'main',
      message: 'container main ended with exit code 2: no disk',
      container: 'main',
      previous: true,
    });
    const killed = { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } };
    expect(podFailure(pod(killed, 'Job'))).toMatchObject({ reason: 'OOMKilled', previous: false });
    expect(podFailure(pod({ state: { terminated: { exitCode: 0 } } }, 'Job'))).toBeUndefined();
  });
});

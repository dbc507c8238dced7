/** CronJobs down to their jobs, through the real API server, by a clock that the test turns. */
import { describe, expect, it } from 'vitest';
import type { CronJobSpec } from '../../../../src/types/kinds/generated/batch-v1.gen.ts';
import { CronJob } from '../../../../src/types/kinds/batch/cron-job.ts';
import { Job } from '../../../../src/types/kinds/batch/job.ts';
import { Event } from '../../../../src/types/kinds/core/event.ts';
import type { Persisted } from '../../../../src/types/meta.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { endPod, startJobPlane } from '../job/job-plane.ts';
import type { End, JobPlane } from '../job/job-plane.ts';

const minute = 60_000;
const key = { namespace: 'default', name: 'tick' };

function tick(spec: Partial<CronJobSpec> = {}): CronJob {
  const template = {
    spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'work:1' }] },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'default' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: { metadata: { labels: { app: 'tick' } }, spec: { backoffLimit: 0, template } },
      ...spec,
    },
  };
}

async function jobs(plane: JobPlane, count: number): Promise<readonly Persisted<Job>[]> {
  const all = await plane.until(Job, (found) => found.length === count);
  return [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

async function untilCronJob(plane: JobPlane, wished: (cronJob: Persisted<CronJob>) => boolean) {
  const [found] = await plane.until(CronJob, ([cronJob]) => cronJob !== undefined && wished(cronJob));
  if (!found) throw new Error('no CronJob');
  return found;
}

async function endRun(plane: JobPlane, end: End): Promise<void> {
  for (const pod of await plane.untilActive(1)) await endPod(plane, pod, end);
}

async function start(spec: Partial<CronJobSpec> = {}, at = '2026-01-01T00:00:30Z'): Promise<JobPlane> {
  const plane = await startJobPlane(new ManualClock(new Date(at)));
  await plane.client.of(CronJob).create(tick(spec));
  await plane.until(CronJob, (all) => all.length === 1);
  await plane.clock.run(0);
  return plane;
}

describe('a CronJob', () => {
  it('starts a job when it is due, and keeps its history', async () => {
    const plane = await start({ successfulJobsHistoryLimit: 1, timeZone: 'Europe/Berlin' });
    await plane.clock.run(29_000);
    expect(plane.informers.of(Job).list()).toEqual([]);
    await plane.clock.run(1_100);
    const [job] = await jobs(plane, 1);
    const minutes = Date.parse('2026-01-01T00:01:00Z') / minute;
    expect(job?.metadata.name).toBe(`tick-${minutes}`);
    expect(job?.metadata.labels).toMatchObject({ app: 'tick' });
    expect(job?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T01:01:00+01:00',
    });
    const running = await untilCronJob(plane, ({ status }) => status?.active?.length === 1);
    expect(running.status?.active?.[0]).toMatchObject({
      kind: 'Job',
      name: job?.metadata.name,
      uid: job?.metadata.uid,
    });
    expect(running.status?.lastScheduleTime).toBe('2026-01-01T00:01:00Z');
    await endRun(plane, 'Succeeded');
    const done = await untilCronJob(plane, ({ status }) => status?.lastSuccessfulTime !== undefined);
    expect(done.status?.active).toBeUndefined();
    expect((await plane.untilEvent('SawCompletedJob')).message).toBe(
      `Saw completed job: ${job?.metadata.name ?? ''}, condition: Complete`,
    );
    await plane.clock.run(minute);
    await endRun(plane, 'Succeeded');
    const [left] = await plane.until(Job, (all) => all.length === 1 && all[0]?.metadata.name === `tick-${minutes + 1}`);
    expect(left).toBeDefined();
    expect((await plane.untilEvent('SuccessfulDelete')).message).toBe(`Deleted job tick-${minutes}`);
    expect(plane.failures).toEqual([]);
  });

  it('runs jobs side by side where it may', async () => {
    const plane = await start();
    for (const count of [1, 2, 3]) {
      await plane.clock.run(minute);
      await jobs(plane, count);
    }
    await untilCronJob(plane, ({ status }) => status?.active?.length === 3);
  });

  it('waits for the one before where it must', async () => {
    const plane = await start({ concurrencyPolicy: 'Forbid' });
    await plane.clock.run(minute);
    await jobs(plane, 1);
    await plane.clock.run(2 * minute);
    await plane.untilEvent('JobAlreadyActive');
    expect(plane.informers.of(Job).list()).toHaveLength(1);
    await endRun(plane, 'Succeeded');
    // The latest time that was missed, and only that.
    const [, second] = await jobs(plane, 2);
    expect(second?.metadata.name).toBe(`tick-${Date.parse('2026-01-01T00:03:00Z') / minute}`);
  });

  it('replaces the one before where it should', async () => {
    const plane = await start({ concurrencyPolicy: 'Replace' });
    await plane.clock.run(minute);
    const [first] = await jobs(plane, 1);
    await plane.clock.run(minute);
    await plane.until(Job, (all) => all.length === 1 && all[0]?.metadata.uid !== first?.metadata.uid);
    await untilCronJob(plane, ({ status }) => status?.active?.length === 1);
    expect((await plane.untilEvent('SuccessfulDelete')).message).toBe(`Deleted job ${first?.metadata.name ?? ''}`);
  });

  it('starts nothing while it is suspended, and the latest that was missed afterwards', async () => {
    const plane = await start({ suspend: true });
    await plane.clock.run(10 * minute);
    expect(plane.informers.of(Job).list()).toEqual([]);
    await plane.client.of(CronJob).patch(key, { type: 'merge', patch: { spec: { suspend: false } } });
    const [job] = await jobs(plane, 1);
    expect(job?.metadata.name).toBe(`tick-${Date.parse('2026-01-01T00:10:00Z') / minute}`);
  });

  it('says that it missed runs', async () => {
    const plane = await start({ suspend: true, startingDeadlineSeconds: 10 });
    await plane.clock.run(150 * minute + 20_000);
    await plane.client.of(CronJob).patch(key, { type: 'merge', patch: { spec: { suspend: false } } });
    expect((await plane.untilEvent('MissSchedule')).message).toBe(
      'Missed scheduled time to start a job: Thu, 01 Jan 2026 02:30:00 +0000',
    );
    expect(plane.informers.of(Job).list()).toEqual([]);
    await plane.client.of(CronJob).patch(key, { type: 'merge', patch: { spec: { startingDeadlineSeconds: null } } });
    await jobs(plane, 1);
    expect((await plane.untilEvent('TooManyMissedTimes')).type).toBe('Warning');
  });

  it('does not make up for times of a schedule that it did not have then', async () => {
    const plane = await start({ schedule: '0 6 * * *' }, '2026-01-01T05:00:00Z');
    await plane.clock.run(65 * minute);
    await jobs(plane, 1);
    await plane.clock.run(6 * 60 * minute);
    await plane.client.of(CronJob).patch(key, { type: 'merge', patch: { spec: { schedule: '0 8 * * *' } } });
    await plane.clock.run(minute);
    expect(plane.informers.of(Job).list()).toHaveLength(1);
    await plane.clock.run(20 * 60 * minute);
    await jobs(plane, 2);
  });

  it('does not drift with an interval', async () => {
    const plane = await start({ schedule: '@every 90s' });
    await plane.clock.run(10 * minute);
    const all = await jobs(plane, 6);
    expect(
      all.map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp']),
    ).toEqual(['02:00', '03:30', '05:00', '06:30', '08:00', '09:30'].map((time) => `2026-01-01T00:${time}Z`));
  });

  it('takes a job made of it by hand for its own', async () => {
    const plane = await start({ schedule: '@yearly' });
    const cronJob = await plane.client.of(CronJob).get(key);
    if (!cronJob) throw new Error('no CronJob');
    await plane.client.of(Job).create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: 'by-hand',
        namespace: 'default',
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [
          { apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: cronJob.metadata.uid, controller: true },
        ],
      },
      spec: cronJob.spec.jobTemplate.spec,
    });
    await plane.untilEvent('UnexpectedJob');
    await endRun(plane, 'Succeeded');
    await untilCronJob(plane, ({ status }) => status?.lastSuccessfulTime !== undefined);
    await plane.client.of(CronJob).delete(key);
    await plane.until(Job, (all) => all.length === 0);
    expect(
      plane.informers
        .of(Event)
        .list()
        .map(({ reason }) => reason),
    ).not.toContain('MissingJob');
  });
});

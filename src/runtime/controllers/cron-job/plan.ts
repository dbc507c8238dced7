/** When a CronJob's next job is due, and what stands in its way. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { CronSchedule } from '../../../types/cron-schedule.ts';
import type { CronJob } from '../../../types/kinds/batch/cron-job.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';
import type { Persisted } from '../../../types/meta.ts';

export interface Missed {
  /** The latest time at which a job should have started since the last one did; undefined when there is none. */
  readonly latest: Date | undefined;
  /** More than a hundred such times went by, so that something is likely to be wrong. */
  readonly tooMany: boolean;
}

/** Beyond the due time, so that a clock that is a little behind does not wake the controller too early. */
const slack: Milliseconds = 100;
const manyMissed = 100;

/** When a job was last started; before the first one, when the CronJob was created. */
export function lastStart({ metadata, status }: Persisted<CronJob>): Date {
  return new Date(status?.lastScheduleTime ?? metadata.creationTimestamp);
}

/** Before this time no job is started any more. */
export function startingDeadline({ spec }: CronJob, now: Date): Date | undefined {
  const seconds = spec.startingDeadlineSeconds;
  return seconds === undefined ? undefined : new Date(now.getTime() - seconds * 1000);
}

export function missedRuns(schedule: CronSchedule, since: Date, now: Date): Missed {
  const first = schedule.next(since);
  if (!first || first > now) return { latest: undefined, tooMany: false };
  const second = schedule.next(first);
  if (!second || second > now) return { latest: first, tooMany: false };
  const interval = second.getTime() - first.getTime();
  const tooMany = Math.floor((now.getTime() - first.getTime()) / interval) + 1 > manyMissed;
  return { latest: latestUntil(schedule, first, interval, now), tooMany };
}

/** Looks back from now, further and further, instead of going through all that was missed. */
function latestUntil(schedule: CronSchedule, first: Date, interval: Milliseconds, now: Date): Date {
  for (let back = interval * 2; ; back *= 2) {
    const from = new Date(Math.max(first.getTime(), startOf(first, interval, now.getTime() - back)));
    let latest: Date | undefined;
    for (let next = schedule.next(from); next && next <= now; next = schedule.next(next)) latest = next;
    if (latest) return latest;
    if (from <= first) return first;
  }
}

/** On the grid of the first occurrence: an interval (`@every`) counts from where it is asked. */
function startOf(first: Date, interval: Milliseconds, time: Milliseconds): Milliseconds {
  return first.getTime() + Math.floor((time - first.getTime()) / interval) * interval;
}

/** Time until the schedule's next occurrence. An interval (`@every`) counts from the last start, so it does not drift. */
export function untilNext(schedule: CronSchedule, since: Date, now: Date): Milliseconds | undefined {
  const following = schedule.next(since);
  const next = following && following > now ? following : schedule.next(now);
  return next && next.getTime() + slack - now.getTime();
}

export function finishedAs({ status }: Job): 'Complete' | 'Failed' | undefined {
  for (const { type, status: is } of status?.conditions ?? []) {
    if ((type === 'Complete' || type === 'Failed') && is === 'True') return type;
  }
  return undefined;
}

/** Finished jobs beyond the history's limits, oldest first. */
export function outdatedJobs({ spec }: CronJob, jobs: readonly Persisted<Job>[]): readonly Persisted<Job>[] {
  const beyond = (end: 'Complete' | 'Failed', limit: number | undefined): readonly Persisted<Job>[] => {
    if (limit === undefined) return [];
    const ended = jobs.filter((job) => job.metadata.deletionTimestamp === undefined && finishedAs(job) === end);
    return ended.sort(byStart).slice(0, Math.max(0, ended.length - limit));
  };
  return [...beyond('Complete', spec.successfulJobsHistoryLimit), ...beyond('Failed', spec.failedJobsHistoryLimit)];
}

function byStart(a: Persisted<Job>, b: Persisted<Job>): number {
  const [first, second] = [a.status?.startTime ?? '', b.status?.startTime ?? ''];
  if (first !== second) return first === '' || (second !== '' && first > second) ? 1 : -1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

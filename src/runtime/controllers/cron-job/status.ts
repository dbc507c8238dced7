/** What a CronJob's status says about its jobs. Pure. */
import type { CronJobStatus } from '../../../types/kinds/generated/batch-v1.gen.ts';
import type { ObjectReference } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { CronJob } from '../../../types/kinds/batch/cron-job.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';
import type { Persisted } from '../../../types/meta.ts';
import { finishedAs } from './plan.ts';

export interface Review {
  readonly status: CronJobStatus;
  /** Jobs that were active and have finished. */
  readonly completed: readonly Persisted<Job>[];
  /** Jobs under way that the status does not know. */
  readonly unexpected: readonly Persisted<Job>[];
  /** References to jobs that are not among those of the local copy. */
  readonly unseen: readonly ObjectReference[];
}

export function reviewJobs({ status = {} }: CronJob, jobs: readonly Persisted<Job>[]): Review {
  const active = status.active ?? [];
  const isActive = ({ metadata }: Persisted<Job>): boolean => active.some(({ uid }) => uid === metadata.uid);
  const completed = jobs.filter((job) => isActive(job) && finishedAs(job) !== undefined);
  const ends = jobs
    .filter((job) => finishedAs(job) === 'Complete')
    .map((job) => job.status?.completionTime ?? '')
    .concat(status.lastSuccessfulTime ?? '');
  const lastSuccessfulTime = ends.reduce((last, end) => (end > last ? end : last), '');
  const reviewed = completed.reduce((left, job) => withoutActive(left, job.metadata.uid), status);
  return {
    status: lastSuccessfulTime === '' ? reviewed : { ...reviewed, lastSuccessfulTime },
    completed,
    unexpected: jobs.filter((job) => !isActive(job) && finishedAs(job) === undefined),
    unseen: active.filter(({ uid }) => !jobs.some((job) => job.metadata.uid === uid)),
  };
}

export function withoutActive(status: CronJobStatus, uid: string | undefined): CronJobStatus {
  const { active = [], ...rest } = status;
  const left = active.filter((reference) => reference.uid !== uid);
  return left.length === 0 ? rest : { ...rest, active: left };
}

export function withActive(status: CronJobStatus, job: Persisted<Job>, due: Date): CronJobStatus {
  const { name, namespace, uid, resourceVersion } = job.metadata;
  const reference = { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion };
  return {
    ...status,
    active: [...(status.active ?? []), reference],
    lastScheduleTime: `${due.toISOString().slice(0, 19)}Z`,
  };
}

/** Starts jobs on a schedule. */
import { deepEqual } from '../../../shared/deep.ts';
import type { Milliseconds } from '../../../shared/clock.ts';
import { parseSchedule } from '../../../types/cron-schedule.ts';
import type { CronSchedule } from '../../../types/cron-schedule.ts';
import type { CronJobStatus } from '../../../types/kinds/generated/batch-v1.gen.ts';
import { CronJob } from '../../../types/kinds/batch/cron-job.ts';
import { Job } from '../../../types/kinds/batch/job.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isTimeZone } from '../../../types/time-zone.ts';
import { isFailure } from '../../client/answers.ts';
import { byOwner } from '../../client/informer.ts';
import type { Informer } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { isNamespaceTerminating } from '../framework/namespace-terminating.ts';
import { isControlledBy } from '../framework/ownership.ts';
import { OwnWrites } from '../framework/own-writes.ts';
import { jobName, newJob } from './new-job.ts';
import { finishedAs, lastStart, missedRuns, outdatedJobs, startingDeadline, untilNext } from './plan.ts';
import { reviewJobs, withActive, withoutActive } from './status.ts';

export const cronJobController: Controller<CronJob> = {
  name: 'cronjob-controller',
  kind: CronJob,
  owns: [Job],
  reconciler: (context) => new CronJobReconciler(context).reconcile,
};

/** The schedule that a CronJob has, and since when, if it was changed before our eyes. */
interface Seen {
  readonly schedule: string;
  readonly since: Date | undefined;
  /** The last miss that was told. */
  readonly missed: Date | undefined;
}

interface Synced {
  readonly status: CronJobStatus;
  readonly requeueAfter: Milliseconds | undefined;
  readonly failure?: unknown;
}

class CronJobReconciler {
  readonly #context: ControllerContext;
  readonly #jobs: Informer<Job>;
  /** What was last written: the local copy may still be behind it, and a job that it knows would seem unexpected. */
  readonly #written: OwnWrites<CronJob>;
  readonly #seen = new Map<string, Seen>();
  /** Uids of jobs that nobody expected, each told once. */
  readonly #told = new Set<string>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#written = new OwnWrites(context.informers.of(CronJob));
    this.#jobs = context.informers.of(Job);
    const forget = this.#jobs.subscribe(
      ({ type, object }) => type === 'delete' && this.#told.delete(object.metadata.uid),
    );
    context.use(forget);
  }

  readonly reconcile: Reconcile = async (key): Promise<Outcome> => {
    const cronJob = this.#written.newest(key);
    if (!cronJob) {
      this.#seen.delete(keyText(key));
      return {};
    }
    const { uid, namespace } = cronJob.metadata;
    const jobs = this.#jobs
      .indexed(byOwner, uid)
      .filter((job) => job.metadata.namespace === namespace && isControlledBy(job, cronJob));
    const reviewed = await this.#review(cronJob, jobs);
    const { status, requeueAfter, failure } = await this.#start({ ...cronJob, status: reviewed });
    const cleaned = await this.#cleanUp(cronJob, jobs, status);
    await this.#write(cronJob, cleaned);
    if (failure !== undefined) throw failure;
    return requeueAfter === undefined ? {} : { requeueAfter };
  };

  async #review(cronJob: Persisted<CronJob>, jobs: readonly Persisted<Job>[]): Promise<CronJobStatus> {
    const { event, client } = this.#context;
    const { status, completed, unexpected, unseen } = reviewJobs(cronJob, jobs);
    for (const job of completed) {
      const text = `Saw completed job: ${job.metadata.name}, condition: ${finishedAs(job) ?? ''}`;
      event(cronJob, 'Normal', 'SawCompletedJob', text);
    }
    for (const job of unexpected.filter(({ metadata }) => !this.#told.has(metadata.uid))) {
      this.#told.add(job.metadata.uid);
      const text = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
      event(cronJob, 'Warning', 'UnexpectedJob', text);
    }
    let left = status;
    for (const { name = '', namespace = '', uid } of unseen) {
      // The local copy may not show a job yet that was just created.
      const job = await client.of(Job).get({ namespace, name });
      if (job?.metadata.uid === uid) continue;
      event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
      left = withoutActive(left, uid);
    }
    return left;
  }

  /** Starts the job that is due, if one is. */
  async #start(cronJob: Persisted<CronJob>): Promise<Synced> {
    const status = cronJob.status ?? {};
    const idle = { status, requeueAfter: undefined };
    if (cronJob.metadata.deletionTimestamp !== undefined) return idle;
    const schedule = this.#schedule(cronJob);
    if (!schedule) return idle;
    const now = this.#context.clock.now();
    const since = this.#since(cronJob, now);
    if (cronJob.spec.suspend === true) return idle;
    const requeueAfter = untilNext(schedule, since, now);
    const due = this.#due(cronJob, schedule, since, now);
    if (!due || isStarted(cronJob, due)) return { status, requeueAfter };
    if (cronJob.spec.concurrencyPolicy === 'Forbid' && (status.active ?? []).length > 0) {
      const text = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#context.event(cronJob, 'Normal', 'JobAlreadyActive', text);
      return { status, requeueAfter };
    }
    return this.#replaceAndCreate(cronJob, schedule, due);
  }

  #schedule(cronJob: Persisted<CronJob>): CronSchedule | undefined {
    const { event } = this.#context;
    const { schedule, timeZone = 'UTC' } = cronJob.spec;
    if (!isTimeZone(timeZone)) {
      event(cronJob, 'Warning', 'UnknownTimeZone', `invalid timeZone: "${timeZone}"`);
      return undefined;
    }
    const parsed = parseSchedule(schedule, timeZone);
    if (typeof parsed !== 'string') return parsed;
    event(cronJob, 'Warning', 'UnparseableSchedule', `unparseable schedule: "${schedule}" : ${parsed}`);
    return undefined;
  }

  /** A schedule that was changed begins then: times of the new one that passed before were never promised. */
  #since(cronJob: Persisted<CronJob>, now: Date): Date {
    const key = keyText(keyOf(cronJob));
    const schedule = `${cronJob.metadata.uid} ${cronJob.spec.timeZone ?? ''} ${cronJob.spec.schedule}`;
    const before = this.#seen.get(key);
    const isChanged = before?.schedule !== schedule && before?.schedule.startsWith(cronJob.metadata.uid) === true;
    const seen =
      before?.schedule === schedule ? before : { schedule, since: isChanged ? now : undefined, missed: undefined };
    this.#seen.set(key, seen);
    const last = lastStart(cronJob);
    return seen.since && seen.since > last ? seen.since : last;
  }

  #due(cronJob: Persisted<CronJob>, schedule: CronSchedule, since: Date, now: Date): Date | undefined {
    const { event } = this.#context;
    const deadline = startingDeadline(cronJob, now);
    const inTime = missedRuns(schedule, deadline && deadline > since ? deadline : since, now);
    if (inTime.tooMany) {
      const text = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      event(cronJob, 'Warning', 'TooManyMissedTimes', text);
    }
    if (inTime.latest || !deadline) return inTime.latest;
    this.#tellMiss(cronJob, missedRuns(schedule, since, now).latest);
    return undefined;
  }

  #tellMiss(cronJob: Persisted<CronJob>, missed: Date | undefined): void {
    const key = keyText(keyOf(cronJob));
    const seen = this.#seen.get(key);
    if (!missed || !seen || missed.getTime() === seen.missed?.getTime()) return;
    this.#seen.set(key, { ...seen, missed });
    const text = `Missed scheduled time to start a job: ${missed.toUTCString().replace('GMT', '+0000')}`;
    this.#context.event(cronJob, 'Warning', 'MissSchedule', text);
  }

  async #replaceAndCreate(cronJob: Persisted<CronJob>, schedule: CronSchedule, due: Date): Promise<Synced> {
    const { clock, event } = this.#context;
    let status = cronJob.status ?? {};
    try {
      if (cronJob.spec.concurrencyPolicy === 'Replace') {
        for (const { name = '', namespace = '', uid } of status.active ?? []) {
          await this.#delete(cronJob, { namespace, name }, uid);
          status = withoutActive(status, uid);
        }
      }
      const job = await this.#create(cronJob, due);
      if (job) status = withActive(status, job, due);
    } catch (failure) {
      // What was deleted or created so far belongs into the status all the same.
      if (isNamespaceTerminating(failure)) return { status, requeueAfter: undefined };
      event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(failure)}`);
      return { status, requeueAfter: undefined, failure };
    }
    return { status, requeueAfter: untilNext(schedule, due, clock.now()) };
  }

  /** Undefined when there is a job of that name which is not ours. */
  async #create(cronJob: Persisted<CronJob>, due: Date): Promise<Persisted<Job> | undefined> {
    const { client, event } = this.#context;
    const wanted = newJob(cronJob, due);
    try {
      const job = await client.of(Job).create(wanted);
      event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
      return job;
    } catch (error) {
      if (!isFailure(error, 'AlreadyExists')) throw error;
      // Created by ourselves, and something came in between before the status said so.
      const existing = await client.of(Job).get(keyOf(wanted));
      return existing && isControlledBy(existing, cronJob) ? existing : undefined;
    }
  }

  async #cleanUp(
    cronJob: Persisted<CronJob>,
    jobs: readonly Persisted<Job>[],
    status: CronJobStatus,
  ): Promise<CronJobStatus> {
    let left = status;
    for (const job of outdatedJobs(cronJob, jobs)) {
      await this.#delete(cronJob, keyOf(job), job.metadata.uid);
      left = withoutActive(left, job.metadata.uid);
    }
    return left;
  }

  async #delete(cronJob: Persisted<CronJob>, job: ObjectKey, uid: string | undefined): Promise<void> {
    const { client, event } = this.#context;
    try {
      const preconditions = uid === undefined ? {} : { uid };
      const answer = await client.of(Job).delete(job, { preconditions, propagationPolicy: 'Background' });
      if (answer !== undefined) event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.name}`);
    } catch (error) {
      // Replaced by another job of that name: the one that was meant is gone.
      if (isFailure(error, 'Conflict')) return;
      event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`);
      throw error;
    }
  }

  async #write(cronJob: Persisted<CronJob>, status: CronJobStatus): Promise<void> {
    if (deepEqual(cronJob.status ?? {}, status)) return;
    try {
      const written = await this.#context.client.of(CronJob).updateStatus({ ...cronJob, status });
      this.#written.remember(written);
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }
}

function isStarted(cronJob: Persisted<CronJob>, due: Date): boolean {
  const { active = [], lastScheduleTime = '' } = cronJob.status ?? {};
  return active.some(({ name }) => name === jobName(cronJob, due)) || Date.parse(lastScheduleTime) === due.getTime();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

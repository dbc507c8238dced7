/** The job that a CronJob starts. Pure. */
import type { CronJob } from '../../../types/kinds/batch/cron-job.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';
import type { Persisted } from '../../../types/meta.ts';
import { TimeZone } from '../../../types/time-zone.ts';
import { controllerReference } from '../framework/ownership.ts';

/** When the job was due, in the CronJob's time zone. */
export const scheduledTimeKey = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Named by its time, so that no time has two. */
export function jobName({ metadata }: Persisted<CronJob>, due: Date): string {
  return `${metadata.name}-${Math.floor(due.getTime() / 60_000)}`;
}

/** @throws Error when the template has no spec, which the API server does not let happen */
export function newJob(cronJob: Persisted<CronJob>, due: Date): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  if (!spec) throw new Error(`CronJob ${cronJob.metadata.name} has no job template`);
  const dueText = new TimeZone(cronJob.spec.timeZone ?? 'UTC').text(due);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, due),
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels && { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, [scheduledTimeKey]: dueText },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec,
  };
}

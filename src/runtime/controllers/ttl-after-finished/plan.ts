/** When a finished job is to be deleted. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';

/** Time until the job's life after its end is over, 0 when it is; undefined for a job that stays. */
export function untilExpiry({ metadata, spec, status }: Job, now: Date): Milliseconds | undefined {
  const seconds = spec?.ttlSecondsAfterFinished;
  if (seconds === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  const end = status?.conditions?.find(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );
  if (end?.lastTransitionTime === undefined) return undefined;
  return Math.max(0, Date.parse(end.lastTransitionTime) + seconds * 1000 - now.getTime());
}

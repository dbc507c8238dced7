/** How long a job waits before it starts another pod after failures. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import { finishTime, indexFailures } from './job-pods.ts';

/** Upstream's figures: 10 s, twice that, and so on. */
const shortest: Milliseconds = 10_000;
const longest: Milliseconds = 360_000;

/** Failures since the last success. Kept in memory only, as upstream does: a restarted controller starts anew. */
export interface BackOff {
  readonly failures: number;
  readonly lastFailure: Milliseconds;
}

export const noBackOff: BackOff = { failures: 0, lastFailure: 0 };

/** `failed` and `succeeded` are pods that ended since `before`. */
export function nextBackOff(before: BackOff, succeeded: readonly Pod[], failed: readonly Pod[]): BackOff {
  const lastSuccess = Math.max(Number.NEGATIVE_INFINITY, ...succeeded.map(finishTime));
  const since = failed.map(finishTime).filter((time) => time > lastSuccess);
  const earlier = succeeded.length > 0 ? noBackOff : before;
  if (since.length === 0) return earlier;
  return { failures: earlier.failures + since.length, lastFailure: Math.max(...since) };
}

/** Time until another pod may start; 0 for now. */
export function remaining({ failures, lastFailure }: BackOff, now: Date): Milliseconds {
  if (failures === 0) return 0;
  const delay = Math.min(longest, shortest * 2 ** Math.min(failures - 1, 30));
  return Math.max(0, lastFailure + delay - now.getTime());
}

/** The same for one index, whose failures the last failed pod tells. */
export function remainingForIndex(lastFailed: Pod | undefined, now: Date): Milliseconds {
  if (!lastFailed) return 0;
  const { counted, ignored } = indexFailures(lastFailed);
  return remaining({ failures: counted + ignored + 1, lastFailure: finishTime(lastFailed) }, now);
}

/** Growing delays between tries, forgotten after a long quiet time. Pure: the caller brings the time. */
import type { Milliseconds } from '../../shared/clock.ts';

export interface BackOffEntry {
  readonly delay: Milliseconds;
  /** When the entry grew last. */
  readonly since: Date;
}

export const INITIAL_BACK_OFF: Milliseconds = 10_000;
export const MAX_BACK_OFF: Milliseconds = 300_000;
/** After twice the longest delay without a failure, counting begins anew. */
export const BACK_OFF_RESET: Milliseconds = 2 * MAX_BACK_OFF;

/** The time left until the next try, counted from the failure at `failedAt`; 0 when it may happen now. */
export function backOffLeft(entry: BackOffEntry | undefined, failedAt: Date, now: Date): Milliseconds {
  if (!entry || expired(entry, failedAt)) return 0;
  return Math.max(0, failedAt.getTime() + entry.delay - now.getTime());
}

export function nextBackOff(entry: BackOffEntry | undefined, failedAt: Date, now: Date): BackOffEntry {
  if (!entry || expired(entry, failedAt)) return { delay: INITIAL_BACK_OFF, since: now };
  return { delay: Math.min(entry.delay * 2, MAX_BACK_OFF), since: now };
}

function expired(entry: BackOffEntry, at: Date): boolean {
  return at.getTime() - entry.since.getTime() > BACK_OFF_RESET;
}

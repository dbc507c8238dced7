/** Runs an action many times in batches of 1, 2, 4 ...: when the first fails (a quota, say), the rest is not tried in vain. */
export interface SlowStartResult {
  readonly started: number;
  readonly succeeded: number;
  /** The first failure of the batch that was the last. */
  readonly failure: unknown;
}

export async function slowStart(count: number, action: (index: number) => Promise<void>): Promise<SlowStartResult> {
  let succeeded = 0;
  let started = 0;
  for (let batch = 1; started < count; batch *= 2) {
    const size = Math.min(batch, count - started);
    const from = started;
    const results = await Promise.allSettled(Array.from({ length: size }, (_, i) => action(from + i)));
    started += size;
    succeeded += results.filter((result) => result.status === 'fulfilled').length;
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) return { started, succeeded, failure: failed.reason };
  }
  return { started, succeeded, failure: undefined };
}

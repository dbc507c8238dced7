/** The only source of time: production code takes a `Clock`, so tests can turn the hands themselves. */
export type Milliseconds = number;

export interface Clock {
  /** Wall-clock time, for timestamps that users see. */
  now(): Date;
  /** Milliseconds from an arbitrary origin that never jumps; for measuring and for deadlines. */
  monotonic(): Milliseconds;
  /** Calls `action` once after `delay`; disposing cancels it. */
  schedule(delay: Milliseconds, action: () => void): Disposable;
}

/** The machine's own clock. A timer that is due keeps the process alive until it is disposed of: somebody waits for it. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  schedule(delay, action) {
    // setTimeout counts in 32 bits; a longer delay would fire at once.
    const timer = setTimeout(action, Math.min(Math.max(delay, 0), 2_147_483_647));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Resolves after `delay`, rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer[Symbol.dispose]();
      reject(signal.reason);
    };
    const timer = clock.schedule(delay, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

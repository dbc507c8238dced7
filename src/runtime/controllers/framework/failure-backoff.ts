/** Spaces out what fails again and again (client-go util/flowcontrol Backoff). */
import type { Clock, Milliseconds } from '../../../shared/clock.ts';
import type { BackoffLimits } from './work-queue.ts';

interface Failures {
  readonly delay: Milliseconds;
  readonly since: Milliseconds;
}

export class FailureBackoff {
  readonly #clock: Clock;
  readonly #limits: BackoffLimits;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock, limits: BackoffLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** How long the next attempt has to wait; 0 for not at all. */
  remaining(id: string): Milliseconds {
    const failures = this.#current(id);
    return failures ? Math.max(0, failures.since + failures.delay - this.#clock.monotonic()) : 0;
  }

  /** An attempt is made. If it fails too, the one after it waits twice as long. */
  next(id: string): void {
    const before = this.#current(id);
    const delay = before ? Math.min(this.#limits.longest, before.delay * 2) : this.#limits.shortest;
    this.#failures.set(id, { delay, since: this.#clock.monotonic() });
  }

  /** Forgets all that begins with `prefix`. */
  forget(prefix: string): void {
    for (const id of this.#failures.keys()) if (id.startsWith(prefix)) this.#failures.delete(id);
  }

  /** What has gone well for twice the longest delay starts anew. */
  #current(id: string): Failures | undefined {
    const failures = this.#failures.get(id);
    if (!failures || this.#clock.monotonic() - failures.since <= 2 * this.#limits.longest) return failures;
    this.#failures.delete(id);
    return undefined;
  }
}

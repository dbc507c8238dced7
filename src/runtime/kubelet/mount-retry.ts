/** When volumes that could not be made are tried again: twice as late each time, as upstream's kubelet does it. */
import type { Clock, Milliseconds } from '../../shared/clock.ts';

const FIRST: Milliseconds = 500;
const LONGEST: Milliseconds = 122_000;

export class MountRetry {
  readonly #clock: Clock;
  #failure: { readonly error: unknown; readonly until: Milliseconds } | undefined;
  #delay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why it is too early for another try; undefined when it is not. */
  get tooEarly(): { readonly error: unknown } | undefined {
    return this.#failure && this.#clock.monotonic() < this.#failure.until ? this.#failure : undefined;
  }

  failed(error: unknown): void {
    this.#delay = Math.min(LONGEST, Math.max(FIRST, this.#delay * 2));
    this.#failure = { error, until: this.#clock.monotonic() + this.#delay };
  }

  /** Something has changed: the next try may be made at once. */
  reset(): void {
    this.#failure = undefined;
    this.#delay = 0;
  }
}

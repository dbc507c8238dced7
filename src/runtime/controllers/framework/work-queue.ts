/** A queue of keys for workers: merged, delayed, backed off. */
import type { Clock, Milliseconds } from '../../../shared/clock.ts';

export interface WorkQueue<K> {
  /** Keys that wait for a worker; delayed ones are not counted. */
  readonly size: number;
  /** A key that waits already is not added twice; one that a worker has is handed out again after `done`. */
  add(key: K): void;
  /** Adds after a delay. Of several delays for one key the earliest counts. */
  addAfter(key: K, delay: Milliseconds): void;
  /** Adds after a delay that doubles with each call for this key, until `forget`. */
  addWithBackoff(key: K): void;
  /** The key did well: its next back-off starts from the shortest delay. */
  forget(key: K): void;
  /** How often the key was backed off since it last did well. */
  retries(key: K): number;
  /** The next key, in order of addition; undefined once the signal aborts. A key is never with two workers. */
  take(signal: AbortSignal): Promise<K | undefined>;
  /** Must follow each `take`. */
  done(key: K): void;
}

export interface BackoffLimits {
  readonly shortest: Milliseconds;
  readonly longest: Milliseconds;
}

/** client-go's figures. */
export const defaultBackoff: BackoffLimits = { shortest: 5, longest: 1_000_000 };

interface Delayed {
  readonly due: Milliseconds;
  readonly timer: Disposable;
}

interface Taker<K> {
  readonly signal: AbortSignal;
  resolve(key: K | undefined): void;
}

/** Keys are compared as a Map compares them, so they should be strings or numbers. */
export class RateLimitedQueue<K> implements WorkQueue<K>, Disposable {
  readonly #clock: Clock;
  readonly #backoff: BackoffLimits;
  /** In order of addition. */
  readonly #waiting = new Set<K>();
  readonly #taken = new Set<K>();
  readonly #addedWhileTaken = new Set<K>();
  readonly #delayed = new Map<K, Delayed>();
  readonly #failures = new Map<K, number>();
  readonly #takers = new Set<Taker<K>>();
  /** Signals of takers so far: one listener each, however many workers share it. */
  readonly #signals = new WeakSet<AbortSignal>();
  #disposed = false;

  constructor(clock: Clock, backoff: BackoffLimits = defaultBackoff) {
    this.#clock = clock;
    this.#backoff = backoff;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(key: K): void {
    if (this.#disposed) return;
    this.#cancelDelay(key);
    if (this.#taken.has(key)) {
      this.#addedWhileTaken.add(key);
      return;
    }
    const [taker] = this.#takers;
    if (taker === undefined) {
      this.#waiting.add(key);
      return;
    }
    this.#takers.delete(taker);
    this.#taken.add(key);
    taker.resolve(key);
  }

  addAfter(key: K, delay: Milliseconds): void {
    if (delay <= 0) {
      this.add(key);
      return;
    }
    if (this.#disposed) return;
    const due = this.#clock.monotonic() + delay;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.due <= due) return;
    this.#cancelDelay(key);
    this.#delayed.set(key, { due, timer: this.#clock.schedule(delay, () => this.add(key)) });
  }

  addWithBackoff(key: K): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#backoff.longest, this.#backoff.shortest * 2 ** Math.min(failures, 40)));
  }

  forget(key: K): void {
    this.#failures.delete(key);
  }

  retries(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  take(signal: AbortSignal): Promise<K | undefined> {
    if (signal.aborted || this.#disposed) return Promise.resolve(undefined);
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next);
      this.#taken.add(next);
      return Promise.resolve(next);
    }
    this.#endWith(signal);
    return new Promise((resolve) => this.#takers.add({ signal, resolve }));
  }

  done(key: K): void {
    this.#taken.delete(key);
    if (this.#addedWhileTaken.delete(key)) this.add(key);
  }

  /** Drops what waits and cancels every delay. Workers end by the signal that they gave. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const { timer } of this.#delayed.values()) timer[Symbol.dispose]();
    this.#delayed.clear();
    this.#waiting.clear();
    this.#addedWhileTaken.clear();
  }

  #endWith(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    const onAbort = (): void => {
      for (const taker of this.#takers) {
        if (taker.signal !== signal) continue;
        this.#takers.delete(taker);
        taker.resolve(undefined);
      }
    };
    signal.addEventListener('abort', onAbort, { once: true });
  }

  #cancelDelay(key: K): void {
    this.#delayed.get(key)?.timer[Symbol.dispose]();
    this.#delayed.delete(key);
  }
}

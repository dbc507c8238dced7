import type { Clock, Milliseconds } from '../../src/shared/clock.ts';

interface Timer {
  readonly due: Milliseconds;
  readonly action: () => void;
}

/** A clock whose hands the test turns. Timers fire in the order in which they fall due, and those due at once in the order of scheduling. */
export class ManualClock implements Clock {
  readonly #start: Date;
  readonly #timers = new Set<Timer>();
  #elapsed: Milliseconds = 0;
  #scheduled: (() => void)[] = [];

  constructor(start: Date = new Date('2026-01-01T00:00:00Z')) {
    this.#start = start;
  }

  now(): Date {
    return new Date(this.#start.getTime() + this.#elapsed);
  }

  monotonic(): Milliseconds {
    return this.#elapsed;
  }

  schedule(delay: Milliseconds, action: () => void): Disposable {
    const timer: Timer = { due: this.#elapsed + Math.max(delay, 0), action };
    this.#timers.add(timer);
    const waiting = this.#scheduled;
    this.#scheduled = [];
    for (const wake of waiting) wake();
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Number of timers that have yet to fire. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Time until the next timer falls due; undefined without timers. */
  get untilNext(): Milliseconds | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.due - this.#elapsed;
  }

  /** Turns the hands and fires what falls due on the way, timers set meanwhile included. Promises settle afterwards. */
  advance(delay: Milliseconds): void {
    const end = this.#elapsed + delay;
    for (let timer = this.#next(); timer !== undefined && timer.due <= end; timer = this.#next()) this.#fire(timer);
    this.#elapsed = end;
  }

  /** As `advance`, but what a timer set off in promises and I/O callbacks gets its turn before the next timer fires. */
  async run(delay: Milliseconds): Promise<void> {
    const end = this.#elapsed + delay;
    await turn();
    for (let timer = this.#next(); timer !== undefined && timer.due <= end; timer = this.#next()) {
      this.#fire(timer);
      await turn();
    }
    this.#elapsed = end;
    await turn();
  }

  /** Resolves once at least `count` timers wait. */
  async waitForTimers(count = 1): Promise<void> {
    while (this.#timers.size < count) await new Promise<void>((resolve) => this.#scheduled.push(resolve));
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.due < next.due) next = timer;
    return next;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#elapsed = Math.max(this.#elapsed, timer.due);
    timer.action();
  }
}

/** More than any work with files takes, unless it waits for something itself. */
const MOST_TURNS = 5000;

/** Lets everything go on that waits for nothing but promises and files, however slow the machine's disk is. */
async function turn(): Promise<void> {
  for (let turns = 1; turns <= MOST_TURNS; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))) return;
  }
}

import { AsyncQueue } from '../../shared/async-queue.ts';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { Change } from './journal.ts';
import type { Revision, StoreEvent, StoreKey } from './store.ts';

export interface WatchHubOptions {
  readonly clock: Clock;
  /** Events that may wait for one watcher before it is cut off with `QueueOverflow`. */
  readonly queueLimit: number;
  /** How often a watcher without changes of its own hears how far the store has come. */
  readonly progressInterval: Milliseconds;
}

interface Watcher {
  readonly queue: AsyncQueue<StoreEvent>;
  /** Everything up to here is known to the watcher. */
  seen: Revision;
}

/** Hands each durable change to the watchers of its prefix, in order. A reader that falls behind is cut off; it costs nobody else. */
export class WatchHub implements Disposable {
  readonly #options: WatchHubOptions;
  readonly #watchers = new Map<StoreKey, Set<Watcher>>();
  #revision: Revision;
  #timer: Disposable | undefined;
  #closed = false;

  constructor(revision: Revision, options: WatchHubOptions) {
    this.#revision = revision;
    this.#options = options;
  }

  publish(change: Change): void {
    const { key, revision } = change.stored;
    this.#revision = revision;
    for (const [prefix, watchers] of this.#watchers) {
      if (!key.startsWith(prefix)) continue;
      for (const watcher of watchers) {
        if (revision <= watcher.seen) continue;
        watcher.seen = revision;
        if (!watcher.queue.push(change)) this.#remove(prefix, watcher);
      }
    }
  }

  /** Changes from now on that are younger than `seen`. Registered when the call returns, not when reading begins. */
  subscribe(prefix: StoreKey, seen: Revision, signal: AbortSignal): AsyncIterable<StoreEvent> {
    const watcher: Watcher = { queue: new AsyncQueue(this.#options.queueLimit), seen };
    if (this.#closed) watcher.queue.close();
    else this.#add(prefix, watcher);
    return this.#read(prefix, watcher, signal);
  }

  /** Ends every watch. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    for (const watchers of this.#watchers.values()) for (const watcher of watchers) watcher.queue.close();
    this.#watchers.clear();
  }

  async *#read(prefix: StoreKey, watcher: Watcher, signal: AbortSignal): AsyncGenerator<StoreEvent, void> {
    const stop = (): void => this.#remove(prefix, watcher);
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) return;
      for await (const event of watcher.queue) {
        if (signal.aborted) return;
        yield event;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#remove(prefix, watcher);
    }
  }

  #add(prefix: StoreKey, watcher: Watcher): void {
    const watchers = this.#watchers.get(prefix);
    if (watchers === undefined) this.#watchers.set(prefix, new Set([watcher]));
    else watchers.add(watcher);
    this.#timer ??= this.#options.clock.schedule(this.#options.progressInterval, () => this.#progress());
  }

  #remove(prefix: StoreKey, watcher: Watcher): void {
    watcher.queue.close();
    const watchers = this.#watchers.get(prefix);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(prefix);
    if (this.#watchers.size > 0) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #progress(): void {
    const event: StoreEvent = { type: 'PROGRESS', revision: this.#revision };
    for (const watchers of this.#watchers.values()) {
      for (const watcher of watchers) {
        // What still waits in the queue tells a revision itself.
        if (watcher.seen >= this.#revision || watcher.queue.size > 0) continue;
        watcher.seen = this.#revision;
        watcher.queue.push(event);
      }
    }
    this.#timer = this.#options.clock.schedule(this.#options.progressInterval, () => this.#progress());
  }
}

import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { deepFreeze } from '../../shared/deep.ts';
import type { KubeObject } from '../../types/meta.ts';
import { CurrentState, pageOf } from './current-state.ts';
import { GroupCommit } from './group-commit.ts';
import { History } from './history.ts';
import type { Journal } from './journal.ts';
import { CompactedError, StoreAlreadyExists, StoreConflict, StoreUnavailable } from './store.ts';
import type { ListOptions, Page, Revision, Store, Stored, StoreEvent, StoreKey } from './store.ts';
import { WatchHub } from './watch-hub.ts';

// LMDB takes keys of up to 1,978 bytes; the same bound everywhere keeps the stores interchangeable.
const KEY_BYTES = 1900;

export interface RevisionedStoreOptions {
  readonly clock: Clock;
  /** Events that may wait for one watcher before it is cut off. Default 10,000. */
  readonly watchQueue?: number;
  /** How often a quiet watcher gets a PROGRESS event. Default 5 s. */
  readonly progressInterval?: Milliseconds;
  /** Changes kept in memory; older ones come from the journal. Default 4,096. */
  readonly recentChanges?: number;
}

/** What a journal holds when a store is opened on it. */
export interface InitialState {
  readonly revision: Revision;
  /** The oldest revision whose state can still be told. */
  readonly compacted: Revision;
  readonly values: Iterable<Stored>;
}

/** A `Store` whose state lies in memory, with a journal that makes it durable. Reads and lists never touch the journal, except for old revisions. */
export class RevisionedStore implements Store {
  readonly #journal: Journal;
  readonly #current = new CurrentState();
  readonly #history: History;
  readonly #commit: GroupCommit;
  readonly #hub: WatchHub;
  #compacted: Revision;
  #closed = false;

  constructor(journal: Journal, initial: InitialState, options: RevisionedStoreOptions) {
    this.#journal = journal;
    this.#compacted = initial.compacted;
    for (const stored of initial.values) this.#current.put(stored);
    this.#history = new History(journal, initial.revision, options.recentChanges ?? 4096);
    this.#hub = new WatchHub(initial.revision, {
      clock: options.clock,
      queueLimit: options.watchQueue ?? 10_000,
      progressInterval: options.progressInterval ?? 5000,
    });
    this.#commit = new GroupCommit(journal, initial.revision, (change) => {
      this.#current.apply(change);
      this.#history.push(change);
      this.#hub.publish(change);
    });
  }

  get revision(): Revision {
    return this.#commit.durable;
  }

  /** The oldest revision that `list` and `watch` can go back to. */
  get compacted(): Revision {
    return this.#compacted;
  }

  async get(key: StoreKey): Promise<Stored | undefined> {
    this.#checkOpen();
    return this.#current.get(key);
  }

  /** @throws CompactedError; RangeError for a revision that lies in the future. */
  async list(prefix: StoreKey, options: ListOptions = {}): Promise<Page> {
    this.#checkOpen();
    const revision = options.at ?? this.revision;
    if (revision > this.revision)
      throw new RangeError(`revision ${revision} is not reached yet, the store is at ${this.revision}`);
    if (revision === this.revision) return { ...this.#current.page(prefix, options), revision };
    if (revision < this.#compacted) throw new CompactedError(this.#compacted);
    return { ...pageOf(this.#stateAt(prefix, revision), options), revision };
  }

  async create(key: StoreKey, value: KubeObject): Promise<Stored> {
    this.#checkWrite(key);
    const latest = this.#latest(key);
    if (latest !== undefined) return this.#refuse(key, new StoreAlreadyExists(key));
    return this.#commit.write({ type: 'PUT', stored: this.#stamped(key, value), previous: undefined });
  }

  async replace(key: StoreKey, value: KubeObject, expected: Revision): Promise<Stored> {
    this.#checkWrite(key);
    const latest = this.#latest(key);
    if (latest?.revision !== expected) return this.#refuse(key, new StoreConflict(key, latest));
    return this.#commit.write({ type: 'PUT', stored: this.#stamped(key, value), previous: latest });
  }

  async remove(key: StoreKey, expected: Revision): Promise<Stored> {
    this.#checkWrite(key);
    const latest = this.#latest(key);
    if (latest?.revision !== expected) return this.#refuse(key, new StoreConflict(key, latest));
    return this.#commit.write({ type: 'DELETE', stored: this.#stamped(key, latest.value), previous: latest });
  }

  async *watch(prefix: StoreKey, after: Revision, signal: AbortSignal): AsyncGenerator<StoreEvent, void> {
    this.#checkOpen();
    let cursor = after;
    for (;;) {
      if (signal.aborted || this.#closed) return;
      if (cursor < this.#compacted) throw new CompactedError(this.#compacted);
      // From here to the subscription nothing is awaited, so nothing is missed between history and what comes live.
      if (cursor >= this.revision) break;
      for (const change of this.#history.after(cursor)) {
        cursor = change.stored.revision;
        if (!change.stored.key.startsWith(prefix)) continue;
        yield change;
        if (signal.aborted) return;
      }
      // A long history of other kinds must not hold up everybody else.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    yield* this.#hub.subscribe(prefix, cursor, signal);
  }

  async compact(before: Revision): Promise<void> {
    this.#checkOpen();
    const target = Math.min(before, this.revision);
    if (target <= this.#compacted) return;
    // Readers are told at once, so that none of them runs into a hole while the journal is being cleared.
    this.#compacted = target;
    this.#history.forget(target);
    await this.#commit.forget(target);
  }

  /** Waits for what is under way, ends every watch. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commit.idle();
    this.#hub[Symbol.dispose]();
    await this.#journal[Symbol.asyncDispose]();
  }

  /** What the next write of the key is decided on: the newest value, durable or not. */
  #latest(key: StoreKey): Stored | undefined {
    const pending = this.#commit.pending(key);
    if (pending === undefined) return this.#current.get(key);
    return pending.type === 'PUT' ? pending.stored : undefined;
  }

  /** A refusal may rest on a write that is still under way, and is true only when that one succeeds. */
  async #refuse(key: StoreKey, error: Error): Promise<never> {
    await this.#commit.settled(key);
    throw error;
  }

  #stamped(key: StoreKey, value: KubeObject): Stored {
    const revision = this.#commit.next;
    const metadata = { ...value.metadata, resourceVersion: String(revision) };
    return deepFreeze<Stored>({ key, value: { ...value, metadata }, revision });
  }

  #stateAt(prefix: StoreKey, revision: Revision): readonly Stored[] {
    const changed = this.#history.valuesAt(revision, prefix);
    const items: Stored[] = [];
    for (const stored of this.#current.below(prefix)) if (!changed.has(stored.key)) items.push(stored);
    for (const stored of changed.values()) if (stored !== undefined) items.push(stored);
    return items.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreUnavailable('the store is closed');
  }

  #checkWrite(key: StoreKey): void {
    this.#checkOpen();
    const size = Buffer.byteLength(key);
    if (size === 0 || size > KEY_BYTES)
      throw new RangeError(`a store key takes 1 to ${KEY_BYTES} bytes, this one has ${size}`);
  }
}

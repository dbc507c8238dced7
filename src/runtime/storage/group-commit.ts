import type { Change, Journal } from './journal.ts';
import { StoreUnavailable } from './store.ts';
import type { Revision, Stored, StoreKey } from './store.ts';

// Bounds how long the first writer of a burst waits for the last one.
const GROUP_LIMIT = 1000;

interface Write {
  readonly change: Change;
  readonly settled: Promise<Stored>;
  resolve(stored: Stored): void;
  reject(error: unknown): void;
}

interface Forgetting {
  readonly revision: Revision;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Puts writes into the journal in groups: those of one event-loop turn, and those that come while a group is under way, share
 * one durable transaction. Nothing is acknowledged or shown to anybody before its group is durable; later writes are decided on
 * top of what is still under way, so when a group fails everything behind it fails too.
 */
export class GroupCommit {
  readonly #journal: Journal;
  readonly #apply: (change: Change) => void;
  readonly #pending = new Map<StoreKey, Write>();
  #queue: Write[] = [];
  #forgettings: Forgetting[] = [];
  #running: Promise<void> | undefined;
  #durable: Revision;
  #assigned: Revision;

  /** `apply` makes a durable change visible. */
  constructor(journal: Journal, revision: Revision, apply: (change: Change) => void) {
    this.#journal = journal;
    this.#apply = apply;
    this.#durable = revision;
    this.#assigned = revision;
  }

  get durable(): Revision {
    return this.#durable;
  }

  /** The revision that the next write will have. */
  get next(): Revision {
    return this.#assigned + 1;
  }

  /** The key's newest change that is not durable yet. */
  pending(key: StoreKey): Change | undefined {
    return this.#pending.get(key)?.change;
  }

  /** Resolves once what the key's pending state was decided on is durable; rejects when that failed. */
  async settled(key: StoreKey): Promise<void> {
    await this.#pending.get(key)?.settled;
  }

  /** The change must carry `next` as its revision. */
  write(change: Change): Promise<Stored> {
    let resolve: (stored: Stored) => void = ignore;
    let reject: (error: unknown) => void = ignore;
    const settled = new Promise<Stored>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    const write: Write = { change, settled, resolve, reject };
    this.#assigned = change.stored.revision;
    this.#pending.set(change.stored.key, write);
    this.#queue.push(write);
    this.#wake();
    return settled;
  }

  /** Takes what is not younger than the revision out of the journal, between groups. */
  forget(revision: Revision): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#forgettings.push({ revision, resolve, reject });
      this.#wake();
    });
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // The rest of this turn's writes joins the first group.
    await Promise.resolve();
    while (this.#queue.length > 0 || this.#forgettings.length > 0) {
      if (this.#queue.length > 0) await this.#commit(this.#group());
      const forgetting = this.#forgettings[0];
      if (forgetting !== undefined) await this.#forgetSome(forgetting);
    }
    this.#running = undefined;
  }

  /** The next writes that share a transaction. */
  #group(): readonly Write[] {
    const { fits } = this.#journal;
    if (fits === undefined) return this.#queue.splice(0, GROUP_LIMIT);
    return this.#queue.splice(0, fits(this.#queue.slice(0, GROUP_LIMIT).map((write) => write.change)));
  }

  async #commit(group: readonly Write[]): Promise<void> {
    try {
      await this.#journal.append(group.map((write) => write.change));
    } catch (error) {
      this.#fail(group, error);
      return;
    }
    for (const write of group) {
      const key = write.change.stored.key;
      if (this.#pending.get(key) === write) this.#pending.delete(key);
      this.#durable = write.change.stored.revision;
      this.#apply(write.change);
      write.resolve(write.change.stored);
    }
  }

  #fail(group: readonly Write[], cause: unknown): void {
    const error =
      cause instanceof StoreUnavailable ? cause : new StoreUnavailable(`the write failed: ${String(cause)}`, { cause });
    const lost = [...group, ...this.#queue];
    this.#queue = [];
    this.#pending.clear();
    this.#assigned = this.#durable;
    for (const write of lost) write.reject(error);
  }

  async #forgetSome(forgetting: Forgetting): Promise<void> {
    try {
      if (!(await this.#journal.forget(forgetting.revision))) return;
    } catch (error) {
      this.#forgettings.shift();
      forgetting.reject(error);
      return;
    }
    this.#forgettings.shift();
    forgetting.resolve();
  }
}

function ignore(): void {
  // Stands in until the promise's executor has run, which it does at once.
}

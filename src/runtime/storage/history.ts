import type { Change, Journal } from './journal.ts';
import type { Revision, Stored, StoreKey } from './store.ts';

const CHUNK = 500;

/**
 * The retained changes: the newest in memory, older ones in the journal. Revisions have no holes, so a revision minus the
 * base is an index.
 */
export class History {
  readonly #journal: Journal;
  readonly #limit: number;
  #recent: Change[] = [];
  /** The change at index 0 has revision base + 1. */
  #base: Revision;

  /** `limit`: how many changes stay in memory. */
  constructor(journal: Journal, revision: Revision, limit: number) {
    this.#journal = journal;
    this.#base = revision;
    this.#limit = limit;
  }

  push(change: Change): void {
    this.#recent.push(change);
    // Trimmed by halves, so that a push stays cheap on average.
    if (this.#recent.length > this.#limit * 2) this.#drop(this.#recent.length - this.#limit);
  }

  /** Forgets what is not younger than the revision. */
  forget(revision: Revision): void {
    if (revision > this.#base) this.#drop(revision - this.#base);
  }

  /** Some of the changes after the revision, oldest first; empty only when there is none. */
  after(revision: Revision): readonly Change[] {
    if (revision < this.#base) {
      const older = this.#journal.read(revision, Math.min(CHUNK, this.#base - revision));
      if (older.length > 0) return older;
    }
    const first = Math.max(revision - this.#base, 0);
    return this.#recent.slice(first, first + CHUNK);
  }

  /** The values that keys changed after the revision had at the revision (undefined: no such key then). */
  valuesAt(revision: Revision, prefix: StoreKey): ReadonlyMap<StoreKey, Stored | undefined> {
    const values = new Map<StoreKey, Stored | undefined>();
    let cursor = revision;
    for (let changes = this.after(cursor); changes.length > 0; changes = this.after(cursor)) {
      for (const change of changes) {
        cursor = change.stored.revision;
        const key = change.stored.key;
        if (key.startsWith(prefix) && !values.has(key)) values.set(key, change.previous);
      }
    }
    return values;
  }

  #drop(count: number): void {
    this.#recent = this.#recent.slice(count);
    this.#base += count;
  }
}

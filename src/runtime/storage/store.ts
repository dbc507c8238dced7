/**
 * The revisioned key space under the API server. One counter for the whole store, so a revision names a state of everything.
 *
 * Promises of every implementation:
 * - A write that was acknowledged survives `kill -9` (the in-memory store excepted).
 * - Reads see every acknowledged write. A watch delivers each change once, in revision order, without gaps.
 * - Values are frozen on the way in; what is read must not be changed.
 */
import type { KubeObject } from '../../types/meta.ts';

/** Grows by one per write. Printed in decimal it is the resourceVersion. */
export type Revision = number;

/** `<group or "core">/<plural>/<namespace or "">/<name>`; see keys.ts. */
export type StoreKey = string;

export interface Stored {
  readonly key: StoreKey;
  readonly value: KubeObject;
  /** Revision of its last change. `value.metadata.resourceVersion` is set to the same by the store. */
  readonly revision: Revision;
}

export interface Page {
  readonly items: readonly Stored[];
  /** The revision at which the page is a consistent snapshot. */
  readonly revision: Revision;
  /** Where to go on, when a limit cut the page. */
  readonly next: StoreKey | undefined;
  /** Number of items after the page. */
  readonly remaining: number;
}

export interface ListOptions {
  readonly limit?: number;
  /** Starts at this key (inclusive). */
  readonly from?: StoreKey;
  /** Reads the state as of this revision; throws CompactedError when it is gone. */
  readonly at?: Revision;
}

export type StoreEvent =
  | { readonly type: 'PUT'; readonly stored: Stored; readonly previous: Stored | undefined }
  | { readonly type: 'DELETE'; readonly stored: Stored; readonly previous: Stored }
  /** No change below the prefix up to this revision; sent now and then so that a watcher's revision stays young. */
  | { readonly type: 'PROGRESS'; readonly revision: Revision };

export class StoreConflict extends Error {
  constructor(
    readonly key: StoreKey,
    readonly actual: Stored | undefined,
  ) {
    super(actual ? `${key} is at revision ${actual.revision}` : `${key} does not exist`);
  }
}
export class StoreAlreadyExists extends Error {
  constructor(readonly key: StoreKey) {
    super(`${key} exists already`);
  }
}
/** The revision asked for is older than what compaction kept (HTTP 410). */
export class CompactedError extends Error {
  constructor(readonly oldest: Revision) {
    super(`revisions before ${oldest} have been compacted`);
  }
}
/** The store cannot take writes now (disk full, I/O error); the state before the write is intact. */
export class StoreUnavailable extends Error {}

export interface Store extends AsyncDisposable {
  /** Revision of the last acknowledged write. */
  readonly revision: Revision;
  get(key: StoreKey): Promise<Stored | undefined>;
  list(prefix: StoreKey, options?: ListOptions): Promise<Page>;
  /** @throws StoreAlreadyExists */
  create(key: StoreKey, value: KubeObject): Promise<Stored>;
  /** @throws StoreConflict when the key is not at `expected`. */
  replace(key: StoreKey, value: KubeObject, expected: Revision): Promise<Stored>;
  /** The answer carries the last value with the revision of the deletion. @throws StoreConflict */
  remove(key: StoreKey, expected: Revision): Promise<Stored>;
  /** Changes after `after`, until the signal aborts. @throws CompactedError, QueueOverflow when the reader is too slow. */
  watch(prefix: StoreKey, after: Revision, signal: AbortSignal): AsyncIterable<StoreEvent>;
  /** Forgets history before the revision; current values stay. */
  compact(before: Revision): Promise<void>;
}

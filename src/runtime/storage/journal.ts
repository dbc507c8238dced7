/** What lies behind the state in memory: the place where changes become durable. */
import type { Revision, StoreEvent } from './store.ts';

/** One write. Its revision is `stored.revision`; revisions follow each other without holes. */
export type Change = Exclude<StoreEvent, { readonly type: 'PROGRESS' }>;

export interface Journal extends AsyncDisposable {
  /** Makes the changes durable, all or none. Never called again before the last call has settled. @throws StoreUnavailable */
  append(changes: readonly Change[]): Promise<void>;
  /** Up to `limit` changes after a revision, oldest first. Empty when nothing is kept. */
  read(after: Revision, limit: number): readonly Change[];
  /** Forgets some of the changes up to and including `revision`; true when none is left. Same exclusion as `append`. @throws StoreUnavailable */
  forget(revision: Revision): Promise<boolean>;
}

/** A journal that keeps nothing: everything there is lies in memory. */
export const volatileJournal: Journal = {
  append: () => Promise.resolve(),
  read: () => [],
  forget: () => Promise.resolve(true),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

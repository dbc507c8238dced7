/** What lies behind the state in memory: the place where changes become durable. */
import type { DisposeStack } from '../../shared/dispose.ts';
import type { Revision, StoreEvent } from './store.ts';

/** One write. Its revision is `stored.revision`; revisions follow each other without holes. */
export type Change = Exclude<StoreEvent, { readonly type: 'PROGRESS' }>;

export interface Journal extends AsyncDisposable {
  /** How many of the changes one `append` takes, from the first on; at least one. Left out: all of them. */
  readonly fits?: (changes: readonly Change[]) => number;
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

/** The journal, with everything it stands on released when it is disposed. */
export function owning(journal: Journal, held: DisposeStack): Journal {
  return {
    ...(journal.fits === undefined ? {} : { fits: journal.fits.bind(journal) }),
    append: (changes) => journal.append(changes),
    read: (after, limit) => journal.read(after, limit),
    forget: (revision) => journal.forget(revision),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

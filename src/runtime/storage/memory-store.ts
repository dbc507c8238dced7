import { volatileJournal } from './journal.ts';
import { RevisionedStore } from './revisioned-store.ts';
import type { RevisionedStoreOptions } from './revisioned-store.ts';

/** A store that is gone with its process: for tests and throw-away clusters. History stays until it is compacted. */
export function createMemoryStore(options: Omit<RevisionedStoreOptions, 'recentChanges'>): RevisionedStore {
  const empty = { revision: 0, compacted: 0, values: [] };
  return new RevisionedStore(volatileJournal, empty, { ...options, recentChanges: Number.POSITIVE_INFINITY });
}

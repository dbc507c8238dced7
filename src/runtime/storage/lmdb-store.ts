import { join } from 'node:path';
import { DisposeStack } from '../../shared/dispose.ts';
import { lockDirectory } from './directory-lock.ts';
import { owning } from './journal.ts';
import { LmdbJournal } from './lmdb-journal.ts';
import { RevisionedStore } from './revisioned-store.ts';
import type { RevisionedStoreOptions } from './revisioned-store.ts';

export interface LmdbStoreOptions extends RevisionedStoreOptions {
  /** Belongs to the store alone; created if missing. Must be on a local disk. */
  readonly directory: string;
}

/**
 * The durable store of one process.
 * @throws DirectoryInUse when another process works in the directory, DamagedStore, Error for a newer format.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<RevisionedStore> {
  const held = new DisposeStack();
  try {
    held.use(await lockDirectory(options.directory));
    // Loaded here and not at the top: commands that never open a store must not pay for a native module.
    const journal = held.use(new LmdbJournal(await import('lmdb'), join(options.directory, 'store.mdb')));
    const values = journal.values();
    return new RevisionedStore(
      owning(journal, held),
      { revision: journal.revision, compacted: journal.compacted, values },
      options,
    );
  } catch (error) {
    await held[Symbol.asyncDispose]();
    throw error;
  }
}

import { readdirSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { openLmdbStore } from '../../../src/runtime/storage/lmdb-store.ts';
import { CompactedError } from '../../../src/runtime/storage/store.ts';
import { configMap, storeContract, take } from '../../contract/store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

// Few changes in memory, so that history comes from the log too.
const small = { recentChanges: 10, watchQueue: 100 };

storeContract('lmdb', async () => {
  const clock = new ManualClock();
  return { clock, store: await openLmdbStore({ ...small, clock, directory: join(temporaryDirectory(), 'data') }) };
});

const key = (name: string): string => `core/configmaps/default/${name}`;
const never = (): AbortSignal => new AbortController().signal;

describe('lmdb: a second life', () => {
  it('has the state, the history and the compaction of the first', async () => {
    const directory = temporaryDirectory();
    const first = await openLmdbStore({ ...small, clock: systemClock, directory });
    for (let i = 0; i < 30; i++) await first.create(key(`a${i}`), configMap(`a${i}`, { i: String(i) }));
    await first.remove(key('a0'), 1);
    const before = await first.list('');
    const history = await take(first.watch('', 12, never()), 19);
    await first.compact(12);
    await first[Symbol.asyncDispose]();

    const second = await openLmdbStore({ ...small, clock: systemClock, directory });
    expect(await second.list('')).toEqual(before);
    expect(await take(second.watch('', 12, never()), 19)).toEqual(history);
    await expect(take(second.watch('', 11, never()), 1)).rejects.toBeInstanceOf(CompactedError);
    expect((await second.list('', { at: 12 })).items).toHaveLength(12);
    expect((await second.create(key('next'), configMap('next'))).revision).toBe(32);
    await second[Symbol.asyncDispose]();
  });

  it('opens again after everything was compacted', async () => {
    const directory = temporaryDirectory();
    const first = await openLmdbStore({ ...small, clock: systemClock, directory });
    await Promise.all(Array.from({ length: 2500 }, (_, i) => first.create(key(`a${i}`), configMap(`a${i}`))));
    await first.compact(2500);
    await first[Symbol.asyncDispose]();
    const second = await openLmdbStore({ ...small, clock: systemClock, directory });
    expect((await second.list('')).items).toHaveLength(2500);
    await second[Symbol.asyncDispose]();
  });
});

describe('lmdb: the directory', () => {
  it('is readable for its owner alone', async () => {
    const directory = join(temporaryDirectory(), 'data');
    const store = await openLmdbStore({ clock: systemClock, directory });
    const modes = await Promise.all(
      [directory, ...readdirSync(directory)].map(async (name) => (await stat(resolve(directory, name))).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600, 0o600]);
    await store[Symbol.asyncDispose]();
  });

  it('takes one store at a time and names who has it', async () => {
    const directory = temporaryDirectory();
    const store = await openLmdbStore({ clock: systemClock, directory });
    await expect(openLmdbStore({ clock: systemClock, directory })).rejects.toThrow(`in use by process ${process.pid}`);
    await store[Symbol.asyncDispose]();
    const again = await openLmdbStore({ clock: systemClock, directory });
    await again[Symbol.asyncDispose]();
  });

  it('refuses a store of a newer format and releases the lock', async () => {
    const directory = temporaryDirectory();
    const root = openLmdb({
      path: join(directory, 'store.mdb'),
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      maxDbs: 8,
    });
    root
      .openDB({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' })
      .putSync(Buffer.from('format'), Buffer.from('99'));
    await root.close();
    for (let i = 0; i < 2; i++) {
      await expect(openLmdbStore({ clock: systemClock, directory })).rejects.toThrow(
        'store format 99, this version of kubewright reads up to 1',
      );
    }
  });

  it('says what is wrong with a file that is no store', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'store.mdb'), 'garbage '.repeat(2000));
    await expect(openLmdbStore({ clock: systemClock, directory })).rejects.toThrow(/store\.mdb/);
  });
});

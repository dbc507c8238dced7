import { execFileSync } from 'node:child_process';
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { openLmdbStore } from '../../../src/runtime/storage/lmdb-store.ts';
import { StoreUnavailable } from '../../../src/runtime/storage/store.ts';
import { configMap, take } from '../../contract/store.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const key = (name: string): string => `core/configmaps/default/${name}`;
const big = (name: string) => configMap(name, { pad: 'x'.repeat(20_000) });

/** A file system of two megabytes. Needs root. */
function smallDisk(): string {
  const mount = temporaryDirectory();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', mount]));
  return mount;
}

describe('a full disk', () => {
  it('fails writes, keeps state and reads, and goes on once there is space', async () => {
    const disk = smallDisk();
    const directory = join(disk, 'data');
    const store = await openLmdbStore({ clock: systemClock, directory });
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(1_000_000));
    const watched: number[] = [];
    const watching = (async () => {
      for await (const event of store.watch('', 0, new AbortController().signal)) {
        if (event.type !== 'PROGRESS') watched.push(event.stored.revision);
      }
    })();

    let failure: unknown;
    let written = 0;
    while (failure === undefined && written < 200) {
      await store.create(key(`a${written}`), big(`a${written}`)).then(
        () => written++,
        (error: unknown) => (failure = error),
      );
    }
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(String(failure)).toMatch(/no space is left/);
    // Writes decided on top of the one that failed must not get through either.
    const group = await Promise.allSettled([
      store.create(key('b'), big('b')),
      store.create(key('b'), big('b')),
      store.create(key('c'), big('c')),
    ]);
    expect(group.map((outcome) => outcome.status === 'rejected' && outcome.reason instanceof StoreUnavailable)).toEqual(
      [true, true, true],
    );
    expect(store.revision).toBe(written);
    expect((await store.list('')).items).toHaveLength(written);
    expect(await store.get(key('b'))).toBeUndefined();

    unlinkSync(ballast);
    expect((await store.create(key('b'), big('b'))).revision).toBe(written + 1);
    expect(await take(store.watch('', 0, new AbortController().signal), written + 1)).toHaveLength(written + 1);
    const before = await store.list('');
    await store[Symbol.asyncDispose]();
    await watching;
    expect(watched).toEqual(Array.from({ length: written + 1 }, (_, i) => i + 1));

    const again = await openLmdbStore({ clock: systemClock, directory });
    expect(await again.list('')).toEqual(before);
    await again[Symbol.asyncDispose]();
  });
});

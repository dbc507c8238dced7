import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { openLmdbStore } from '../../../src/runtime/storage/lmdb-store.ts';
import type { StoreEvent } from '../../../src/runtime/storage/store.ts';
import { take } from '../../contract/store.ts';
import { bundleProgram } from '../../support/bundle.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

let program = '';
beforeAll(async () => {
  program = await bundleProgram(new URL('./crash-writer.ts', import.meta.url));
});

/** Runs the writer, kills it after so many lines, and answers every whole line it got out. */
async function killAfter(lines: number, directory: string): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const reported: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    reported.push(line);
    if (reported.length === lines) child.kill('SIGKILL');
  }
  // Its output ends before the process does, which holds the directory until then.
  await ended;
  // The last one may have been cut in the middle.
  return reported.slice(0, -1);
}

const line = (event: StoreEvent): string =>
  event.type === 'PROGRESS' ? '' : `${event.stored.key} ${event.stored.revision} ${event.type}`;

describe('kill -9 amid writes', () => {
  it('loses no acknowledged write and no event that a watcher saw, time after time', async () => {
    const directory = temporaryDirectory();
    let seenRevision = 0;
    for (const lines of [50, 333, 1500]) {
      const reported = await killAfter(lines, directory);
      const store = await openLmdbStore({ clock: systemClock, directory });
      expect(store.revision).toBeGreaterThan(seenRevision);
      const log = new Set((await take(store.watch('', 0, new AbortController().signal), store.revision)).map(line));
      expect(log.size).toBe(store.revision);
      const lost = reported.filter((text) => !log.has(text.slice(text.indexOf(' ') + 1)));
      expect(lost).toEqual([]);
      // The state is what the log says: nothing half done.
      const state = new Map<string, number>();
      for await (const event of store.watch('', 0, new AbortController().signal)) {
        if (event.type === 'PUT') state.set(event.stored.key, event.stored.revision);
        if (event.type === 'DELETE') state.delete(event.stored.key);
        if (event.type !== 'PROGRESS' && event.stored.revision === store.revision) break;
      }
      const listed = (await store.list('')).items.map((item) => [item.key, item.revision]);
      expect(listed).toEqual([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
      seenRevision = store.revision;
      await store[Symbol.asyncDispose]();
    }
  });
});

/** Random histories: both stores must agree with each other at every step, and LMDB with itself after being opened again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLmdbStore } from '../../../src/runtime/storage/lmdb-store.ts';
import { createMemoryStore } from '../../../src/runtime/storage/memory-store.ts';
import type { ListOptions, Store } from '../../../src/runtime/storage/store.ts';
import { configMap, take } from '../../contract/store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const prefixes = ['', 'core/', 'core/configmaps/', 'core/configmaps/a/', 'apps/deployments/', 'core/con'] as const;
const keyArbitrary = fc
  .tuple(
    fc.constantFrom('core/configmaps/', 'core/configs/', 'apps/deployments/'),
    fc.constantFrom('a/', 'b/', '/'),
    fc.constantFrom('x', 'y', 'ü', 'x.y', '\u{1f600}', '\u{ffee}'),
  )
  .map((parts) => parts.join(''));

type Step = (store: Store) => Promise<unknown>;

const revisionOf = async (store: Store, key: string, stale: boolean): Promise<number> =>
  ((await store.get(key))?.revision ?? 1) - (stale ? 1 : 0);

const writeArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(keyArbitrary, fc.string()).map(
    ([key, text]): Step =>
      (store) =>
        store.create(key, configMap('n', { text })),
  ),
  fc.tuple(keyArbitrary, fc.string(), fc.boolean()).map(
    ([key, text, stale]): Step =>
      async (store) =>
        store.replace(key, configMap('n', { text }), await revisionOf(store, key, stale)),
  ),
  fc.tuple(keyArbitrary, fc.boolean()).map(
    ([key, stale]): Step =>
      async (store) =>
        store.remove(key, await revisionOf(store, key, stale)),
  ),
);
const part = fc.double({ min: 0, max: 1, noNaN: true });
const readArbitrary: fc.Arbitrary<Step> = fc.oneof(
  keyArbitrary.map(
    (key): Step =>
      (store) =>
        store.get(key),
  ),
  fc
    .tuple(fc.constantFrom(...prefixes), fc.option(fc.nat(4)), fc.option(keyArbitrary), fc.option(part))
    .map(([prefix, limit, from, at]): Step => (store) => {
      const options: ListOptions = {
        ...(limit === null ? {} : { limit }),
        ...(from === null ? {} : { from }),
        ...(at === null ? {} : { at: Math.round(at * store.revision) }),
      };
      return store.list(prefix, options);
    }),
  fc.tuple(fc.constantFrom(...prefixes), part).map(([prefix, from]): Step => async (store) => {
    const after = Math.round(from * store.revision);
    const stop = new AbortController();
    // The mark is below every prefix asked for, so the watch has an end.
    const mark = await store.create(`core/configmaps/a/mark${store.revision}`, configMap('mark'));
    const events = [];
    for await (const event of store.watch(prefix === 'apps/deployments/' ? '' : prefix, after, stop.signal)) {
      events.push(event);
      if (event.type !== 'PROGRESS' && event.stored.revision === mark.revision) break;
    }
    return events;
  }),
  part.map(
    (share): Step =>
      async (store) =>
        store.compact(Math.round(share * store.revision)),
  ),
);
const burst = fc.array(writeArbitrary, { minLength: 2, maxLength: 12 }).map(
  (steps): Step =>
    (store) =>
      Promise.allSettled(steps.map((step) => step(store))),
);

async function outcome(step: Step, store: Store): Promise<unknown> {
  const [settled] = await Promise.allSettled([step(store)]);
  return settled?.status === 'rejected' ? String(settled.reason) : settled?.value;
}

describe('memory and LMDB', () => {
  it('agree on any sequence of writes, reads, watches and compactions', async () => {
    const root = temporaryDirectory();
    let run = 0;
    const steps = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: writeArbitrary },
        { weight: 3, arbitrary: readArbitrary },
        { weight: 1, arbitrary: burst },
      ),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const clock = new ManualClock();
        const options = { clock, directory: `${root}/${run++}`, recentChanges: 3 };
        const memory = createMemoryStore({ clock });
        let lmdb = await openLmdbStore(options);
        for (const [index, step] of sequence.entries()) {
          expect(await outcome(step, lmdb)).toEqual(await outcome(step, memory));
          expect(lmdb.revision).toBe(memory.revision);
          if (index % 20 === 19) {
            await lmdb[Symbol.asyncDispose]();
            lmdb = await openLmdbStore(options);
          }
        }
        expect(await lmdb.list('')).toEqual(await memory.list(''));
        const oldest = memory.compacted;
        const rest = memory.revision - oldest;
        const never = new AbortController().signal;
        expect(await take(lmdb.watch('', oldest, never), rest)).toEqual(
          await take(memory.watch('', oldest, never), rest),
        );
        await lmdb[Symbol.asyncDispose]();
        await memory[Symbol.asyncDispose]();
      }),
      { numRuns: 60 },
    );
  });
});

/** What every Store promises. Each implementation runs this suite. */
import { describe, expect, it } from 'vitest';
import { QueueOverflow } from '../../src/shared/async-queue.ts';
import { atPointer } from '../../src/shared/deep.ts';
import type { KubeObject } from '../../src/types/meta.ts';
import {
  CompactedError,
  StoreAlreadyExists,
  StoreConflict,
  StoreUnavailable,
} from '../../src/runtime/storage/store.ts';
import type { Store, StoreEvent } from '../../src/runtime/storage/store.ts';
import type { ManualClock } from '../support/manual-clock.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Time between two PROGRESS events is 5 s by this clock. */
  readonly clock: ManualClock;
}

/** A fresh, empty store whose watchers may fall at most 100 events behind. The suite disposes it. */
export type OpenStore = () => Promise<StoreUnderTest>;

export function configMap(name: string, data: Readonly<Record<string, string>> = {}): KubeObject {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
  return object;
}

/** The next `count` events that are no PROGRESS. */
export async function take(events: AsyncIterable<StoreEvent>, count: number): Promise<readonly StoreEvent[]> {
  const taken: StoreEvent[] = [];
  if (count === 0) return taken;
  for await (const event of events) {
    if (event.type === 'PROGRESS') continue;
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

const prefix = 'core/configmaps/';
const key = (name: string): string => `${prefix}default/${name}`;
const never = (): AbortSignal => new AbortController().signal;
const names = (items: readonly { readonly value: KubeObject }[]): readonly unknown[] =>
  items.map((item) => item.value.metadata.name);

export function storeContract(implementation: string, open: OpenStore): void {
  const withStore = (body: (under: StoreUnderTest) => Promise<void>) => async (): Promise<void> => {
    const under = await open();
    try {
      await body(under);
    } finally {
      await under.store[Symbol.asyncDispose]();
    }
  };

  describe(`${implementation}: writes and reads`, () => {
    it(
      'starts empty at revision 0',
      withStore(async ({ store }) => {
        expect(store.revision).toBe(0);
        expect(await store.get(key('a'))).toBeUndefined();
        expect(await store.list(prefix)).toEqual({ items: [], revision: 0, next: undefined, remaining: 0 });
      }),
    );

    it(
      'counts one revision per write over all keys and stamps it into the value',
      withStore(async ({ store }) => {
        const a = await store.create(key('a'), configMap('a'));
        const b = await store.create('apps/deployments/default/b', configMap('b'));
        const changed = await store.replace(key('a'), configMap('a', { x: '1' }), a.revision);
        expect([a.revision, b.revision, changed.revision, store.revision]).toEqual([1, 2, 3, 3]);
        expect(changed.value.metadata.resourceVersion).toBe('3');
        expect(await store.get(key('a'))).toEqual(changed);
      }),
    );

    it(
      'freezes values all the way down',
      withStore(async ({ store }) => {
        const { value } = await store.create(key('a'), configMap('a', { x: '1' }));
        expect(Object.isFrozen(value) && Object.isFrozen(value.metadata)).toBe(true);
        expect(Object.values(value).every((child) => Object.isFrozen(child))).toBe(true);
      }),
    );

    it(
      'refuses to create what exists and to change what has moved on',
      withStore(async ({ store }) => {
        const a = await store.create(key('a'), configMap('a'));
        await expect(store.create(key('a'), configMap('a'))).rejects.toBeInstanceOf(StoreAlreadyExists);
        const b = await store.replace(key('a'), configMap('a'), a.revision);
        const conflict = await store.replace(key('a'), configMap('a'), a.revision).catch((error: unknown) => error);
        expect(conflict).toBeInstanceOf(StoreConflict);
        expect(conflict).toMatchObject({ key: key('a'), actual: b });
        await expect(store.remove(key('a'), a.revision)).rejects.toBeInstanceOf(StoreConflict);
        await expect(store.replace(key('none'), configMap('none'), 1)).rejects.toMatchObject({ actual: undefined });
        await expect(store.remove(key('none'), 1)).rejects.toBeInstanceOf(StoreConflict);
        expect(store.revision).toBe(2);
      }),
    );

    it(
      'answers a removal with the last value at the revision of the deletion',
      withStore(async ({ store }) => {
        const a = await store.create(key('a'), configMap('a', { x: '1' }));
        const gone = await store.remove(key('a'), a.revision);
        expect(gone).toMatchObject({
          key: key('a'),
          revision: 2,
          value: { data: { x: '1' }, metadata: { resourceVersion: '2' } },
        });
        expect(await store.get(key('a'))).toBeUndefined();
        expect((await store.create(key('a'), configMap('a'))).revision).toBe(3);
      }),
    );

    it(
      'lets one of many simultaneous writers win',
      withStore(async ({ store }) => {
        const first = await store.create(key('a'), configMap('a'));
        const attempts = await Promise.allSettled(
          Array.from({ length: 50 }, (_, i) =>
            store.replace(key('a'), configMap('a', { i: String(i) }), first.revision),
          ),
        );
        expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
        expect(store.revision).toBe(2);
        expect((await store.get(key('a')))?.value).toMatchObject({ data: { i: '0' } });
      }),
    );

    it(
      'counts to the exact sum when many writers retry',
      withStore(async ({ store }) => {
        await store.create(key('sum'), configMap('sum', { n: '0' }));
        const add = async (): Promise<void> => {
          for (;;) {
            const now = await store.get(key('sum'));
            const n = Number(atPointer(now?.value, '/data/n'));
            try {
              await store.replace(key('sum'), configMap('sum', { n: String(n + 1) }), now?.revision ?? 0);
              return;
            } catch (error) {
              if (!(error instanceof StoreConflict)) throw error;
            }
          }
        };
        await Promise.all(Array.from({ length: 20 }, add));
        expect((await store.get(key('sum')))?.value).toMatchObject({ data: { n: '20' } });
      }),
    );

    it(
      'refuses empty and oversized keys',
      withStore(async ({ store }) => {
        await expect(store.create('', configMap('a'))).rejects.toBeInstanceOf(RangeError);
        await expect(store.create(key('x'.repeat(3000)), configMap('a'))).rejects.toBeInstanceOf(RangeError);
      }),
    );

    it('takes nothing more once it is disposed', async () => {
      const { store } = await open();
      await store[Symbol.asyncDispose]();
      await expect(store.create(key('a'), configMap('a'))).rejects.toBeInstanceOf(StoreUnavailable);
      await store[Symbol.asyncDispose]();
    });
  });

  describe(`${implementation}: lists`, () => {
    it(
      'lists a prefix in order and nothing beside it',
      withStore(async ({ store }) => {
        for (const name of ['c', 'a', 'b']) await store.create(key(name), configMap(name));
        await store.create('core/configmaps-more/default/z', configMap('z'));
        await store.create(`${prefix}default2/z`, configMap('z'));
        expect(names((await store.list(`${prefix}default/`)).items)).toEqual(['a', 'b', 'c']);
        expect(names((await store.list(prefix)).items)).toEqual(['a', 'b', 'c', 'z']);
        expect((await store.list('')).items).toHaveLength(5);
        expect((await store.list('core/conf')).items).toHaveLength(5);
        expect((await store.list('apps/')).items).toEqual([]);
      }),
    );

    it(
      'pages through thousands of keys at one revision while they change',
      withStore(async ({ store }) => {
        const all = Array.from({ length: 3000 }, (_, i) => `n${String(i).padStart(4, '0')}`);
        await Promise.all(all.map((name) => store.create(key(name), configMap(name, { v: 'old' }))));
        const first = await store.list(prefix, { limit: 700 });
        expect(first).toMatchObject({ revision: 3000, remaining: 2300, next: key('n0700') });
        const seen = [...first.items];
        await store.create(key('n0700a'), configMap('n0700a'));
        for (const item of (await store.list(prefix, { from: key('n1500'), limit: 200 })).items)
          await store.remove(item.key, item.revision);
        for (const item of (await store.list(prefix, { from: key('n2500'), limit: 200 })).items) {
          await store.replace(item.key, configMap(item.value.metadata.name ?? '', { v: 'new' }), item.revision);
        }
        for (let next = first.next; next !== undefined;) {
          const page = await store.list(prefix, { limit: 700, from: next, at: first.revision });
          expect(page.revision).toBe(first.revision);
          expect(page.remaining).toBe(3000 - seen.length - page.items.length);
          seen.push(...page.items);
          next = page.next;
        }
        expect(names(seen)).toEqual(all);
        expect(seen.every((item) => item.revision <= 3000)).toBe(true);
        expect((await store.list(prefix)).items).toHaveLength(2801);
      }),
    );

    it(
      'treats limit 0 as none, and `from` as inclusive',
      withStore(async ({ store }) => {
        for (const name of ['a', 'b', 'c']) await store.create(key(name), configMap(name));
        expect((await store.list(prefix, { limit: 0 })).items).toHaveLength(3);
        expect(names((await store.list(prefix, { from: key('b') })).items)).toEqual(['b', 'c']);
        expect(names((await store.list(prefix, { from: key('b0'), limit: 1 })).items)).toEqual(['c']);
        expect(await store.list(prefix, { from: key('zz') })).toMatchObject({
          items: [],
          next: undefined,
          remaining: 0,
        });
      }),
    );

    it(
      'refuses revisions that are compacted or not reached',
      withStore(async ({ store }) => {
        for (const name of ['a', 'b', 'c']) await store.create(key(name), configMap(name));
        await store.compact(2);
        expect(names((await store.list(prefix, { at: 2 })).items)).toEqual(['a', 'b']);
        await expect(store.list(prefix, { at: 1 })).rejects.toMatchObject({ constructor: CompactedError, oldest: 2 });
        await expect(store.list(prefix, { at: 4 })).rejects.toBeInstanceOf(RangeError);
        expect((await store.list(prefix)).items).toHaveLength(3);
      }),
    );
  });

  describe(`${implementation}: watches`, () => {
    it(
      'tells history and what comes after it, once, in order, without gaps',
      withStore(async ({ store }) => {
        const a = await store.create(key('a'), configMap('a'));
        const a2 = await store.replace(key('a'), configMap('a', { x: '1' }), a.revision);
        const events = take(store.watch(prefix, 0, never()), 54);
        const later = Promise.all(Array.from({ length: 50 }, (_, i) => store.create(key(`l${i}`), configMap(`l${i}`))));
        await later;
        const b = await store.create(key('b'), configMap('b'));
        const gone = await store.remove(key('a'), a2.revision);
        const got = await events;
        expect(got.map((event) => (event.type === 'PROGRESS' ? 0 : event.stored.revision))).toEqual(
          Array.from({ length: 54 }, (_, i) => i + 1),
        );
        expect(got.slice(0, 2)).toEqual([
          { type: 'PUT', stored: a, previous: undefined },
          { type: 'PUT', stored: a2, previous: a },
        ]);
        expect(got.slice(-2)).toEqual([
          { type: 'PUT', stored: b, previous: undefined },
          { type: 'DELETE', stored: gone, previous: a2 },
        ]);
      }),
    );

    it(
      'starts at any revision and keeps to its prefix',
      withStore(async ({ store }) => {
        for (let i = 0; i < 20; i++) {
          await store.create(key(`a${i}`), configMap(`a${i}`));
          await store.create(`apps/deployments/default/d${i}`, configMap(`d${i}`));
        }
        for (let after = 0; after < 40; after += 3) {
          const expected = Array.from({ length: 20 }, (_, i) => i * 2 + 1).filter((revision) => revision > after);
          const events = await take(store.watch(prefix, after, never()), expected.length);
          expect(events.map((event) => (event.type === 'PROGRESS' ? 0 : event.stored.revision))).toEqual(expected);
        }
      }),
    );

    it(
      'has made visible to reads what a watcher sees',
      withStore(async ({ store }) => {
        const events = store.watch(prefix, 0, never())[Symbol.asyncIterator]();
        const next = events.next();
        void store.create(key('a'), configMap('a'));
        const { value: event } = await next;
        expect(await store.get(key('a'))).toEqual(event?.type === 'PUT' ? event.stored : undefined);
        await events.return?.();
      }),
    );

    it(
      'ends when its signal aborts, whether it waits or not',
      withStore(async ({ store }) => {
        const stop = new AbortController();
        const waiting = take(store.watch(prefix, 0, stop.signal), 2);
        await store.create(key('a'), configMap('a'));
        stop.abort();
        expect((await waiting).length).toBeLessThan(2);
        expect(await take(store.watch(prefix, 0, AbortSignal.abort()), 1)).toEqual([]);
      }),
    );

    it('ends when the store is disposed', async () => {
      const { store } = await open();
      await store.create(key('a'), configMap('a'));
      const watching = take(store.watch(prefix, 0, never()), 2);
      await take(store.watch(prefix, 0, never()), 1);
      await store[Symbol.asyncDispose]();
      expect(await watching).toHaveLength(1);
    });

    it(
      'cuts off a reader that falls too far behind, and nobody else',
      withStore(async ({ store }) => {
        const slow = store.watch(prefix, 0, never())[Symbol.asyncIterator]();
        const quick = take(store.watch(prefix, 0, never()), 301);
        const first = slow.next();
        await store.create(key('first'), configMap('first'));
        await first;
        for (let i = 0; i < 300; i++) await store.create(key(`a${i}`), configMap(`a${i}`));
        const drain = async (): Promise<void> => {
          for (let step = await slow.next(); !step.done; step = await slow.next());
        };
        await expect(drain()).rejects.toBeInstanceOf(QueueOverflow);
        expect(await quick).toHaveLength(301);
      }),
    );

    it(
      'refuses to start before what compaction kept',
      withStore(async ({ store }) => {
        for (let i = 0; i < 10; i++) await store.create(key(`a${i}`), configMap(`a${i}`));
        await store.compact(6);
        await expect(take(store.watch(prefix, 5, never()), 1)).rejects.toMatchObject({
          constructor: CompactedError,
          oldest: 6,
        });
        expect(await take(store.watch(prefix, 6, never()), 4)).toHaveLength(4);
        await store.compact(3);
        await expect(take(store.watch(prefix, 5, never()), 1)).rejects.toBeInstanceOf(CompactedError);
        await store.compact(1000);
        await store.create(key('last'), configMap('last'));
        expect(await take(store.watch(prefix, 10, never()), 1)).toHaveLength(1);
      }),
    );

    it(
      'keeps a quiet watcher young with PROGRESS',
      withStore(async ({ store, clock }) => {
        const events = store.watch('apps/', 0, never())[Symbol.asyncIterator]();
        const next = events.next();
        await clock.waitForTimers();
        await store.create(key('a'), configMap('a'));
        await clock.run(5000);
        expect(await next).toEqual({ done: false, value: { type: 'PROGRESS', revision: 1 } });
        // Nothing new to tell: the next event is the change itself.
        const after = events.next();
        await clock.run(60_000);
        const d = await store.create('apps/deployments/default/d', configMap('d'));
        expect(await after).toEqual({ done: false, value: { type: 'PUT', stored: d, previous: undefined } });
        await events.return?.();
        expect(clock.pending).toBe(0);
      }),
    );
  });
}

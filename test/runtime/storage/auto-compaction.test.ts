import { describe, expect, it } from 'vitest';
import { autoCompaction, planCompaction } from '../../../src/runtime/storage/auto-compaction.ts';
import { createMemoryStore } from '../../../src/runtime/storage/memory-store.ts';
import { configMap } from '../../contract/store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const policy = { age: 1000, minimum: 10, maximum: 100, interval: 100 };

describe('what is compacted', () => {
  it.each([
    ['nothing while all is young', [{ revision: 20, time: 500 }], 50, 1200, 0],
    [
      'what was there when the age began',
      [
        { revision: 20, time: 100 },
        { revision: 30, time: 200 },
        { revision: 40, time: 300 },
      ],
      50,
      1200,
      30,
    ],
    ['never the newest ones', [{ revision: 50, time: 0 }], 50, 9000, 40],
    ['the oldest of too many, however young', [], 250, 10, 150],
    ['nothing of a short history', [{ revision: 5, time: 0 }], 5, 9000, 0],
  ])('%s', (_, sightings, revision, now, expected) => {
    expect(planCompaction(sightings, revision, now, policy)).toBe(expected);
  });
});

describe('automatic compaction', () => {
  it('follows the clock and stops with its component', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock });
    const running = await autoCompaction(store, clock, (error) => expect.fail(String(error)), policy).start(
      new AbortController().signal,
    );
    for (let i = 0; i < 50; i++) await store.create(`core/configmaps/default/a${i}`, configMap('a'));
    await clock.run(500);
    expect(store.compacted).toBe(0);
    await clock.run(1000);
    expect(store.compacted).toBe(40);
    for (let i = 0; i < 200; i++) await store.create(`core/configmaps/default/b${i}`, configMap('b'));
    await clock.run(100);
    expect(store.compacted).toBe(150);
    await running[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
    await store[Symbol.asyncDispose]();
  });

  it('reports a failure and tries again', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock });
    const failures: unknown[] = [];
    const broken = Object.create(store, {
      compact: { value: () => Promise.reject(new Error('no space')) },
      revision: { value: 500 },
    });
    const running = await autoCompaction(broken, clock, (error) => failures.push(error), policy).start(
      new AbortController().signal,
    );
    await clock.run(300);
    expect(failures).toHaveLength(3);
    await running[Symbol.asyncDispose]();
  });
});

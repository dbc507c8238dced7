import { describe, expect, it } from 'vitest';
import { RateLimitedQueue } from '../../../../src/runtime/controllers/framework/work-queue.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const never = new AbortController().signal;

describe('the work queue', () => {
  it('merges keys that wait and keeps their order', async () => {
    const queue = new RateLimitedQueue<string>(new ManualClock());
    for (const key of ['a', 'b', 'a']) queue.add(key);
    expect(queue.size).toBe(2);
    expect([await queue.take(never), await queue.take(never)]).toEqual(['a', 'b']);
    expect(queue.size).toBe(0);
  });

  it('never gives a key to two workers, and hands it out again when it was added meanwhile', async () => {
    const queue = new RateLimitedQueue<string>(new ManualClock());
    queue.add('a');
    await queue.take(never);
    queue.add('a');
    queue.add('a');
    expect(queue.size).toBe(0);
    const second = queue.take(never);
    queue.done('a');
    expect(await second).toBe('a');
    queue.done('a');
    expect(queue.size).toBe(0);
  });

  it('wakes a waiting worker at once', async () => {
    const queue = new RateLimitedQueue<string>(new ManualClock());
    const taken = queue.take(never);
    queue.add('a');
    expect(await taken).toBe('a');
  });

  it('backs off twice as long each time, up to its limit, until it is forgotten', () => {
    const clock = new ManualClock();
    const queue = new RateLimitedQueue<string>(clock, { shortest: 5, longest: 30 });
    const delays: (number | undefined)[] = [];
    for (let i = 0; i < 5; i += 1) {
      queue.addWithBackoff('a');
      delays.push(clock.untilNext);
      clock.advance(100);
    }
    expect(delays).toEqual([5, 10, 20, 30, 30]);
    expect(queue.retries('a')).toBe(5);
    queue.forget('a');
    queue.addWithBackoff('b');
    expect(queue.retries('a')).toBe(0);
    expect(clock.untilNext).toBe(5);
  });

  it('takes the earliest of several delays, and drops it when the key comes by itself', () => {
    const clock = new ManualClock();
    const queue = new RateLimitedQueue<string>(clock);
    queue.addAfter('a', 100);
    queue.addAfter('a', 50);
    queue.addAfter('a', 200);
    expect([clock.pending, clock.untilNext]).toEqual([1, 50]);
    queue.add('a');
    expect([clock.pending, queue.size]).toEqual([0, 1]);
  });

  it('lets workers go when their signal aborts, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    const queue = new RateLimitedQueue<string>(clock);
    const stop = new AbortController();
    const taken = queue.take(stop.signal);
    stop.abort();
    expect(await taken).toBeUndefined();
    queue.addAfter('a', 10);
    queue[Symbol.dispose]();
    expect(clock.pending).toBe(0);
  });
});

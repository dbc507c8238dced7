import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { Component } from '../../shared/component.ts';
import type { Revision, Store } from './store.ts';

export interface CompactionPolicy {
  /** How long a revision stays readable, unless `maximum` forbids. */
  readonly age: Milliseconds;
  /** So many of the newest revisions stay however old they are. */
  readonly minimum: number;
  /** More revisions than this do not stay, however young they are. */
  readonly maximum: number;
  /** Time between two looks. */
  readonly interval: Milliseconds;
}

/**
 * As upstream, which compacts etcd every five minutes: a list that is not gone on with for longer than that has to end, on a quiet
 * cluster too. The bound keeps the history of a busy one from growing.
 */
export const defaultCompactionPolicy: CompactionPolicy = {
  age: 300_000,
  minimum: 0,
  maximum: 20_000,
  interval: 15_000,
};

/** A revision and when the store was seen at it. */
export interface Sighting {
  readonly revision: Revision;
  readonly time: Milliseconds;
}

/** The revision to compact to. `sightings` in the order of time. */
export function planCompaction(
  sightings: readonly Sighting[],
  revision: Revision,
  now: Milliseconds,
  policy: CompactionPolicy,
): Revision {
  const old = sightings.findLast((sighting) => sighting.time <= now - policy.age)?.revision ?? 0;
  return Math.max(0, Math.min(Math.max(old, revision - policy.maximum), revision - policy.minimum));
}

/** Keeps a store's history within the policy. `onFailure` hears of a compaction that failed; the next look tries again. */
export function autoCompaction(
  store: Store,
  clock: Clock,
  onFailure: (error: unknown) => void,
  policy: CompactionPolicy = defaultCompactionPolicy,
): Component {
  return {
    name: 'compaction',
    start() {
      let sightings: Sighting[] = [];
      let timer: Disposable | undefined;
      let running: Promise<void> | undefined;
      const look = (): void => {
        const now = clock.monotonic();
        const target = planCompaction(sightings, store.revision, now, policy);
        sightings = sightings.filter((sighting) => sighting.time > now - policy.age);
        sightings.push({ revision: store.revision, time: now });
        running = store.compact(target).catch(onFailure);
        void running.then(() => {
          if (timer !== undefined) timer = clock.schedule(policy.interval, look);
        });
      };
      timer = clock.schedule(policy.interval, look);
      return Promise.resolve({
        async [Symbol.asyncDispose]() {
          timer?.[Symbol.dispose]();
          timer = undefined;
          await running;
        },
      });
    },
  };
}

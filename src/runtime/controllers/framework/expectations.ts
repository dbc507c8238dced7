/**
 * What a controller has asked for and not yet seen in its local copy. While something is awaited, the copy is behind the
 * controller's own acts, and acting on it again would create or delete twice.
 */
import type { Clock, Milliseconds } from '../../../shared/clock.ts';

/** A watch that is that far behind is taken for broken, and the controller acts on what it has (upstream's figure). */
const patience: Milliseconds = 300_000;

interface Awaited {
  creations: number;
  /** Uids of objects whose deletion was asked for. */
  readonly deletions: Set<string>;
  readonly since: Milliseconds;
}

export class Expectations {
  readonly #clock: Clock;
  readonly #awaited = new Map<string, Awaited>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  expectCreations(key: string, count: number): void {
    this.expect(key, count, []);
  }

  expectDeletions(key: string, uids: Iterable<string>): void {
    this.expect(key, 0, uids);
  }

  /** Both in one go. What was awaited before is no more. */
  expect(key: string, creations: number, deletions: Iterable<string>): void {
    this.#awaited.set(key, { creations, deletions: new Set(deletions), since: this.#clock.monotonic() });
  }

  /** A creation was seen, or turned out to have failed. */
  creationObserved(key: string): void {
    const awaited = this.#awaited.get(key);
    if (awaited) awaited.creations -= 1;
  }

  deletionObserved(key: string, uid: string): void {
    this.#awaited.get(key)?.deletions.delete(uid);
  }

  satisfied(key: string): boolean {
    const awaited = this.#awaited.get(key);
    if (!awaited) return true;
    if (awaited.creations <= 0 && awaited.deletions.size === 0) return true;
    return this.#clock.monotonic() - awaited.since > patience;
  }

  /** The object is gone; a later one of the same name starts anew. */
  forget(key: string): void {
    this.#awaited.delete(key);
  }
}

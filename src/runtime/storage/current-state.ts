import type { Change } from './journal.ts';
import { partitionOf } from './keys.ts';
import { lowerBound, SortedKeys } from './sorted-keys.ts';
import type { ListOptions, Page, Stored, StoreKey } from './store.ts';

/** Sorts after every key that has the prefix, and before every greater one. */
const END = '\u{ffff}';

type Slice = Omit<Page, 'revision'>;

/** The newest durable value of every key, with an ordered index per `<group>/<plural>/`. */
export class CurrentState {
  readonly #values = new Map<StoreKey, Stored>();
  readonly #partitions = new Map<string, SortedKeys>();
  /** Names of the partitions in order. No name is a prefix of another one, so walking them in turn walks the keys in order. */
  readonly #names: string[] = [];

  get(key: StoreKey): Stored | undefined {
    return this.#values.get(key);
  }

  apply(change: Change): void {
    if (change.type === 'PUT') this.put(change.stored);
    else if (this.#values.delete(change.stored.key)) this.#partition(change.stored.key).remove(change.stored.key);
  }

  put(stored: Stored): void {
    if (!this.#values.has(stored.key)) this.#partition(stored.key).add(stored.key);
    this.#values.set(stored.key, stored);
  }

  /** Everything below the prefix, in order. */
  *below(prefix: StoreKey, from: StoreKey = prefix): Generator<Stored, void> {
    const start = from > prefix ? from : prefix;
    for (const keys of this.#partitionsBelow(prefix)) {
      for (const key of keys.from(start)) {
        if (!key.startsWith(prefix)) break;
        const stored = this.#values.get(key);
        if (stored !== undefined) yield stored;
      }
    }
  }

  page(prefix: StoreKey, options: ListOptions): Slice {
    const start = options.from !== undefined && options.from > prefix ? options.from : prefix;
    const limit = limitOf(options);
    const items: Stored[] = [];
    for (const stored of this.below(prefix, start)) {
      if (items.length === limit) {
        return { items, next: stored.key, remaining: this.#count(prefix, stored.key) };
      }
      items.push(stored);
    }
    return { items, next: undefined, remaining: 0 };
  }

  #count(prefix: StoreKey, from: StoreKey): number {
    let count = 0;
    for (const keys of this.#partitionsBelow(prefix)) count += Math.max(0, keys.rank(prefix + END) - keys.rank(from));
    return count;
  }

  #partition(key: StoreKey): SortedKeys {
    const name = partitionOf(key) ?? '';
    const known = this.#partitions.get(name);
    if (known !== undefined) return known;
    const keys = new SortedKeys();
    this.#partitions.set(name, keys);
    this.#names.splice(lowerBound(this.#names, name), 0, name);
    return keys;
  }

  *#partitionsBelow(prefix: StoreKey): Generator<SortedKeys, void> {
    const partition = partitionOf(prefix);
    const names = partition === undefined ? this.#names.filter((name) => name.startsWith(prefix)) : [partition];
    for (const name of names) {
      const keys = this.#partitions.get(name);
      if (keys !== undefined) yield keys;
    }
  }
}

/** A page out of a list that is complete and in order. */
export function pageOf(sorted: readonly Stored[], options: ListOptions): Slice {
  const from = options.from;
  const first = from === undefined ? 0 : sorted.findIndex((stored) => stored.key >= from);
  if (first < 0) return { items: [], next: undefined, remaining: 0 };
  const end = Math.min(first + limitOf(options), sorted.length);
  return { items: sorted.slice(first, end), next: sorted[end]?.key, remaining: sorted.length - end };
}

/** As in the API, a limit of 0 is none. */
function limitOf(options: ListOptions): number {
  return options.limit !== undefined && options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY;
}

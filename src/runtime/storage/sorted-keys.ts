import type { StoreKey } from './store.ts';

// Small enough that a splice is a memmove of a few pages, large enough that the outer array stays short.
const CHUNK = 512;

/** Keys in order, in chunks: insertion and removal touch one chunk, a range starts with two binary searches. */
export class SortedKeys {
  readonly #chunks: StoreKey[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The key must not be there yet. */
  add(key: StoreKey): void {
    this.#size++;
    const at = Math.min(this.#chunkOf(key), Math.max(this.#chunks.length - 1, 0));
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  remove(key: StoreKey): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const index = lowerBound(chunk, key);
    if (chunk[index] !== key) return;
    this.#size--;
    chunk.splice(index, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Number of keys before `key`. */
  rank(key: StoreKey): number {
    const at = this.#chunkOf(key);
    let rank = 0;
    for (let i = 0; i < at; i++) rank += this.#chunks[i]?.length ?? 0;
    const chunk = this.#chunks[at];
    return chunk === undefined ? rank : rank + lowerBound(chunk, key);
  }

  /** Keys from `from` on, in order. The set must not change meanwhile. */
  *from(from: StoreKey): Generator<StoreKey, void> {
    for (let at = this.#chunkOf(from), first = true; at < this.#chunks.length; at++, first = false) {
      const chunk = this.#chunks[at];
      if (chunk === undefined) return;
      for (let i = first ? lowerBound(chunk, from) : 0; i < chunk.length; i++) {
        const key = chunk[i];
        if (key !== undefined) yield key;
      }
    }
  }

  /** Index of the first chunk whose last key is not before `key`. */
  #chunkOf(key: StoreKey): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = this.#chunks[middle]?.at(-1);
      if (last !== undefined && last < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Index of the first entry that is not before `key`. */
export function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = sorted[middle];
    if (entry !== undefined && entry < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

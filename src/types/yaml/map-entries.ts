/** The entries of a map as the quick reader comes to them. */
import { unsure } from './quick-scanner.ts';
import { mergedMap, setOwn } from './reading.ts';

export class MapEntries {
  readonly map: Record<string, unknown> = {};
  /** Keys that the map says itself, once something was merged into it. */
  #own: Set<string> | undefined;

  add(key: string, value: unknown): void {
    const { map } = this;
    if (this.#own) {
      if (this.#own.has(key)) throw unsure;
      this.#own.add(key);
    } else if (map[key] !== undefined && Object.hasOwn(map, key)) throw unsure;
    setOwn(map, key, value);
  }

  /** As kubectl's reader does it, in the order of the keys: what was there is replaced, what comes later replaces. */
  merge(merged: unknown): void {
    this.#own ??= new Set(Object.keys(this.map));
    const found = mergedMap(merged);
    if (!found) throw unsure;
    for (const [key, value] of Object.entries(found)) setOwn(this.map, key, value);
  }
}

/** The entries of a map as the quick reader comes to them. */
import { unsure } from './quick-scanner.ts';
import { setOwn } from './reading.ts';

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

  /** The map's own keys win over merged ones, and of several merged maps the first. */
  merge(merged: unknown): void {
    this.#own ??= new Set(Object.keys(this.map));
    const taken = new Set(this.#own);
    for (const source of Array.isArray(merged) ? merged : [merged]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) throw unsure;
      for (const [key, value] of Object.entries(source)) {
        if (taken.has(key)) continue;
        taken.add(key);
        setOwn(this.map, key, value);
      }
    }
  }
}

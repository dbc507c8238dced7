/** Strategic merge patches on plain objects (Kubernetes, "Strategic Merge Patch": lists merged by key, $patch directives). */
import { isRecord } from '../shared/deep.ts';
import { mergeKeysText } from '../types/kinds/generated/merge-keys.gen.ts';
import type { Fields } from './rebuilt.ts';

type MergeKeys = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function mergeKeys(): MergeKeys {
  const keys: MergeKeys = JSON.parse(mergeKeysText);
  return keys;
}

/** A patch that has nothing to act on: most often a misspelt name. */
export class UnmatchedPatch extends Error {
  override readonly name = 'UnmatchedPatch';
}

/** Without a type, as for custom resources, this is RFC 7386: lists are replaced. */
export class Merge {
  readonly #keys: MergeKeys;
  readonly #title: string;

  constructor(keys: MergeKeys, title: string) {
    this.#keys = keys;
    this.#title = title;
  }

  object(original: Fields, patch: Fields, type: string, place = ''): Fields {
    const { $patch: directive, $retainKeys: retained, ...changes } = patch;
    if (directive === 'replace') return this.#added(changes);
    if (directive === 'delete') return {};
    const kept: readonly unknown[] | undefined = Array.isArray(retained) ? retained : undefined;
    const result: Record<string, unknown> = kept
      ? Object.fromEntries(Object.entries(original).filter(([key]) => kept.includes(key)))
      : { ...original };
    for (const [key, change] of Object.entries(changes)) {
      if (change === undefined || key.startsWith('$setElementOrder/')) continue;
      const at = place === '' ? key : `${place}.${key}`;
      const list = /^\$deleteFromPrimitiveList\/(.*)$/.exec(key)?.[1];
      if (list !== undefined) result[list] = this.#withoutItems(result[list], change, at);
      else if (change === null) {
        if (!(key in original)) throw this.#unmatched(`there is no ${at} to delete`);
        Reflect.deleteProperty(result, key);
      } else {
        const value = this.#value(original[key], change, this.#keys[type]?.[key], at);
        // Set by assignment, a field called __proto__ would be none.
        Object.defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true });
      }
    }
    return result;
  }

  #value(original: unknown, change: unknown, fact: string | undefined, place: string): unknown {
    const [key = '', type = ''] = fact?.split('=') ?? [];
    if (isRecord(change)) return isRecord(original) ? this.object(original, change, type, place) : this.#added(change);
    if (!Array.isArray(change) || fact === undefined) return change;
    const list: readonly unknown[] = Array.isArray(original) ? original : [];
    if (fact === '*') return [...list, ...change.filter((item: unknown) => !list.includes(item))];
    return this.#list(list, change, key, type, place);
  }

  #list(list: readonly unknown[], changes: readonly unknown[], key: string, type: string, place: string): unknown {
    if (changes.some((change) => isRecord(change) && change['$patch'] === 'replace'))
      return changes
        .filter((change) => isRecord(change) && change['$patch'] !== 'replace')
        .map((item) => this.#added(item));
    const result = [...list];
    for (const change of changes) {
      if (!isRecord(change)) continue;
      const name = change[key];
      if (name === undefined)
        throw this.#unmatched(`an item of ${place} has no ${key}, by which its items are told apart`);
      const index = result.findIndex((item) => isRecord(item) && item[key] === name);
      const item = result[index];
      if (change['$patch'] === 'delete') {
        if (index < 0) throw this.#unmatched(`there is no item of ${place} whose ${key} is ${JSON.stringify(name)}`);
        result.splice(index, 1);
      } else if (isRecord(item)) {
        result[index] = this.object(item, change, type, `${place}[${String(name)}]`);
      } else result.push(this.#added(change));
    }
    return result;
  }

  #withoutItems(list: unknown, items: unknown, place: string): unknown {
    if (!Array.isArray(list) || !Array.isArray(items)) throw this.#unmatched(`${place} has no list to act on`);
    return list.filter((item: unknown) => !items.includes(item));
  }

  /** What is new has no directives and nothing to delete. */
  #added(value: unknown): Fields {
    if (!isRecord(value)) return {};
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, child]): readonly (readonly [string, unknown])[] => {
        if (key.startsWith('$') || child === null || child === undefined) return [];
        return [[key, isRecord(child) ? this.#added(child) : child]];
      }),
    );
  }

  #unmatched(message: string): UnmatchedPatch {
    return new UnmatchedPatch(`patch of ${this.#title}: ${message}`);
  }
}

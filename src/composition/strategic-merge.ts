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

const orderDirective = '$setElementOrder/';

function isDirective(field: string): boolean {
  return /^\$(?:patch|retainKeys|setElementOrder\/.*|deleteFromPrimitiveList\/.*)$/.test(field);
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
      if (change === undefined || key.startsWith(orderDirective)) continue;
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
    for (const [key, order] of Object.entries(changes)) {
      const field = key.startsWith(orderDirective) ? key.slice(orderDirective.length) : undefined;
      if (field !== undefined) result[field] = this.#ordered(result[field], order, this.#keys[type]?.[field]);
    }
    return result;
  }

  /** What the order names is in that order, at the places that it has already; everything else stays. */
  #ordered(list: unknown, order: unknown, fact: string | undefined): unknown {
    if (!Array.isArray(list) || !Array.isArray(order)) return list;
    const [key = ''] = fact?.split('=') ?? [];
    const nameOf = (item: unknown): unknown => (isRecord(item) ? item[key] : item);
    const names = order.map(nameOf);
    const named = list.filter((item: unknown) => names.includes(nameOf(item)));
    const sorted = [...named].sort((a: unknown, b: unknown) => names.indexOf(nameOf(a)) - names.indexOf(nameOf(b)));
    return list.map((item: unknown) => (names.includes(nameOf(item)) ? sorted.shift() : item));
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
    // Without a key it is about the list: what else the patch has is all that there will be.
    if (changes.some((change) => isRecord(change) && change['$patch'] === 'replace' && change[key] === undefined))
      return changes
        .filter((change) => isRecord(change) && (change['$patch'] === undefined || change[key] !== undefined))
        .filter((change) => isRecord(change) && change['$patch'] !== 'delete')
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
        if (isDirective(key) || child === null || child === undefined) return [];
        if (Array.isArray(child)) return [[key, this.#addedItems(child)]];
        return [[key, isRecord(child) ? this.#added(child) : child]];
      }),
    );
  }

  #addedItems(items: readonly unknown[]): readonly unknown[] {
    return items.flatMap((item) => {
      if (!isRecord(item)) return [item];
      const directive = item['$patch'];
      if (directive === 'delete' || (directive !== undefined && Object.keys(item).length === 1)) return [];
      return [this.#added(item)];
    });
  }

  #unmatched(message: string): UnmatchedPatch {
    return new UnmatchedPatch(`patch of ${this.#title}: ${message}`);
  }
}

/**
 * Strategic merge patch: a merge patch that knows from the schema which lists merge by key, with directives for what a
 * plain merge cannot say ($patch, $retainKeys, $setElementOrder/f, $deleteFromPrimitiveList/f).
 */
import { deepEqual, isRecord } from '../../../shared/deep.ts';
import { resolveSchema, type Schema, type SchemaTable } from '../../../types/schema.ts';
import { goText, goTypeName } from './go-text.ts';
import { defineKey } from './merge-patch.ts';
import { PatchError } from './patch-error.ts';

type Json = Record<string, unknown>;

const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

function isDirective(key: string): boolean {
  return key === '$patch' || key === '$retainKeys' || key.startsWith(orderPrefix) || key.startsWith(deletePrefix);
}

/** A part of the patch that becomes part of the object as it is, without nulls and directives. */
function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => !(isRecord(item) && '$patch' in item)).map(plainValue);
  }
  if (!isRecord(value)) return value;
  const plain: Json = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== null && !isDirective(key)) defineKey(plain, key, plainValue(item));
  }
  return plain;
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new PatchError(`cannot restore slice from ${goTypeName(value)}`, 422, true);
}

/** Position of an item: by merge key among objects, by value among scalars. */
function indexOf(list: readonly unknown[], item: unknown, mergeKey: string): number {
  if (mergeKey === '') return list.findIndex((other) => deepEqual(other, item));
  const key = isRecord(item) ? item[mergeKey] : undefined;
  return list.findIndex((other) => isRecord(other) && deepEqual(other[mergeKey], key));
}

function sortedLike(items: readonly unknown[], order: readonly unknown[], mergeKey: string): readonly unknown[] {
  const ranked = items.map((item) => ({ item, rank: indexOf(order, item, mergeKey) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

/** Patch items keep the order of the patch, items of the server only go where the live list had them relative to those. */
function ordered(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  live: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const fromPatch: unknown[] = [];
  const serverOnly: unknown[] = [];
  for (const item of merged) (indexOf(patchOrder, item, mergeKey) >= 0 ? fromPatch : serverOnly).push(item);
  const right = sortedLike(fromPatch, patchOrder, mergeKey);
  const left = sortedLike(serverOnly, live, mergeKey);
  const result: unknown[] = [];
  let l = 0;
  for (const item of right) {
    const place = indexOf(live, item, mergeKey);
    while (l < left.length) {
      const own = indexOf(live, left[l], mergeKey);
      if (own < 0 || place < 0 || own >= place) break;
      result.push(left[l++]);
    }
    result.push(item);
  }
  return [...result, ...left.slice(l)];
}

interface ListMerge {
  readonly merges: boolean;
  readonly mergeKey: string;
  readonly items: Schema | undefined;
}

class Merger {
  readonly #table: SchemaTable;

  constructor(table: SchemaTable) {
    this.#table = table;
  }

  map(original: Json, patch: Json, schema: Schema | undefined): Json {
    const directive = patch['$patch'];
    if (directive !== undefined) {
      if (directive === 'delete') return {};
      const { $patch: _, ...rest } = patch;
      if (directive === 'replace') return rest;
      if (directive !== 'merge') {
        throw new PatchError(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`, 500);
      }
      return this.map(original, rest, schema);
    }
    const result: Json = { ...original };
    if (patch['$retainKeys'] !== undefined) this.#retainKeys(result, patch);
    for (const [key, value] of Object.entries(patch)) {
      if (key.startsWith(deletePrefix)) this.#deleteFrom(result, key.slice(deletePrefix.length), value);
    }
    for (const [key, value] of Object.entries(patch)) {
      if (isDirective(key)) continue;
      const property = this.#property(schema, key);
      // Go leaves empty maps out.
      if (value === null || (property?.type === 'map' && isRecord(value) && value['$patch'] === 'delete'))
        delete result[key];
      else
        defineKey(
          result,
          key,
          this.#value(Object.hasOwn(result, key) ? result[key] : undefined, value, this.#property(schema, key)),
        );
    }
    for (const [key, value] of Object.entries(patch)) {
      if (key.startsWith(orderPrefix)) {
        const field = key.slice(orderPrefix.length);
        this.#order(result, original, patch, field, value, this.#property(schema, field));
      }
    }
    return result;
  }

  #property(schema: Schema | undefined, key: string): Schema | undefined {
    if (schema === undefined) return undefined;
    const properties = schema.properties;
    return properties && Object.hasOwn(properties, key)
      ? properties[key]
      : schema.type === 'map'
        ? schema.items
        : undefined;
  }

  #value(original: unknown, patch: unknown, schema: Schema | undefined): unknown {
    if (isRecord(patch) && isRecord(original)) {
      if (schema?.patchStrategy?.includes('replace')) return plainValue(patch);
      return this.map(original, patch, schema && resolveSchema(schema, this.#table));
    }
    if (isRecord(patch) && patch['$patch'] === 'delete') return {};
    if (Array.isArray(patch) && Array.isArray(original)) return this.#list(original, patch, this.#listMerge(schema));
    return plainValue(patch);
  }

  #listMerge(schema: Schema | undefined): ListMerge {
    return {
      merges: schema?.patchStrategy?.includes('merge') ?? false,
      mergeKey: schema?.patchMergeKey ?? '',
      items: schema?.items && resolveSchema(schema.items, this.#table),
    };
  }

  #list(original: readonly unknown[], patch: readonly unknown[], { merges, mergeKey, items }: ListMerge): unknown[] {
    const directives = patch.filter((item): item is Json => isRecord(item) && item['$patch'] !== undefined);
    const rest = patch.filter((item) => !(isRecord(item) && item['$patch'] !== undefined));
    if (!merges || directives.some((item) => item['$patch'] === 'replace')) return rest.map(plainValue);
    if (mergeKey === '') {
      const added = rest.filter((item, i) => indexOf(original, item, '') < 0 && indexOf(rest, item, '') === i);
      return ordered([...original, ...added], rest, original, '');
    }
    let merged = [...original];
    for (const item of directives) {
      if (item['$patch'] === 'merge') throw new PatchError('merging lists cannot yet be specified in the patch', 400);
      if (item['$patch'] !== 'delete') {
        throw new PatchError(`unknown patch type: ${goText(item['$patch'])} in map: ${goText(item)}`, 500);
      }
      this.#requireKey(item, mergeKey);
      merged = merged.filter((other) => !(isRecord(other) && deepEqual(other[mergeKey], item[mergeKey])));
    }
    for (const item of rest) {
      if (!isRecord(item)) throw new PatchError('the patch has a list of mixed or wrong types', 400);
      this.#requireKey(item, mergeKey);
      const index = indexOf(merged, item, mergeKey);
      const existing = merged[index];
      if (isRecord(existing)) merged[index] = this.map(existing, item, items);
      else merged.push(plainValue(item));
    }
    return ordered(merged, rest, original, mergeKey);
  }

  #requireKey(item: Json, mergeKey: string): void {
    if (item[mergeKey] === undefined) {
      throw new PatchError(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`, 500);
    }
  }

  #retainKeys(result: Json, patch: Json): void {
    const kept = listOf(patch['$retainKeys']);
    for (const [key, value] of Object.entries(patch)) {
      if (value !== null && !isDirective(key) && !kept.includes(key)) {
        throw new PatchError('invalid patch format of retainKeys', 400);
      }
    }
    for (const key of Object.keys(result)) if (!kept.includes(key)) delete result[key];
  }

  #deleteFrom(result: Json, field: string, value: unknown): void {
    const removed = listOf(value);
    const list = result[field];
    if (Array.isArray(list)) result[field] = list.filter((item) => indexOf(removed, item, '') < 0);
  }

  #order(result: Json, original: Json, patch: Json, field: string, value: unknown, schema: Schema | undefined): void {
    const order = listOf(value);
    const mergeKey = schema?.patchMergeKey ?? '';
    const inPatch = patch[field];
    if (Array.isArray(inPatch)) {
      const present = inPatch.filter((item) => !(isRecord(item) && item['$patch'] === 'delete'));
      let last = -1;
      for (const item of present) {
        if (isRecord(item) && item['$patch'] !== undefined) continue;
        const index = indexOf(order, item, mergeKey);
        if (index < 0 || index < last) {
          throw new PatchError(
            `The order in patch list:\n${goText(inPatch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
            500,
          );
        }
        last = index;
      }
    }
    const merged = result[field];
    if (!Array.isArray(merged)) return;
    const live = original[field];
    result[field] = ordered(merged, order, Array.isArray(live) ? live : [], mergeKey);
  }
}

/**
 * The patched object; arguments stay as they are and untouched parts are shared with them. Kinds without compiled-in types
 * (custom resources) know no strategic merge: their callers answer 415.
 *
 * @throws PatchError with upstream's text and code.
 */
export function applyStrategicMergePatch(
  document: unknown,
  patch: unknown,
  schema: Schema,
  table: SchemaTable,
): unknown {
  if (!isRecord(patch)) {
    const given = Array.isArray(patch) ? 'array' : patch === null ? 'null' : typeof patch;
    throw new PatchError(`json: cannot unmarshal ${given} into Go value of type map[string]interface {}`, 400);
  }
  return new Merger(table).map(isRecord(document) ? document : {}, patch, resolveSchema(schema, table));
}

/**
 * Objects seen through their schema as trees of owned fields: which fields a value has, what changed between two values,
 * merging and removing by field sets. The rules are those of Kubernetes' structured merge (KEP-555).
 */
import { deepEqual, isRecord } from '../../../shared/deep.ts';
import { resolveSchema, type Schema, type SchemaTable } from '../../../types/schema.ts';
import { FieldSet, fieldPathText, type PathElement } from './field-set.ts';
import { defineKey } from './merge-patch.ts';

export type Json = Record<string, unknown>;

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Values without a declared shape: maps merge by key, lists are replaced. */
const anyShape: Schema = { type: 'object', preserveUnknown: true };

type Shape = 'leaf' | 'struct' | 'map' | 'list';

/** How a value is cut into fields. */
function shapeOf(schema: Schema, value: unknown): Shape {
  switch (schema.type) {
    case 'object':
      if (schema.mapType === 'atomic') return 'leaf';
      if (schema.preserveUnknown && value !== null && !isRecord(value)) return 'leaf';
      return 'struct';
    case 'map':
      return schema.mapType === 'atomic' ? 'leaf' : 'map';
    case 'array':
      return schema.listType === 'set' || schema.listType === 'map' ? 'list' : 'leaf';
    default:
      return 'leaf';
  }
}

function isEmptyContainer(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}

/** The operations for one table of types. Stateless besides it. */
export class TypedValues {
  readonly #table: SchemaTable;

  constructor(table: SchemaTable) {
    this.#table = table;
  }

  /** The resolved schema of what is below a field or key. */
  fieldSchema(schema: Schema, name: string): { readonly schema: Schema; readonly declared: boolean } {
    const properties = schema.properties;
    const property = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property) {
      const target = this.#resolve(property);
      // Merge markers stand on the field as well as on the type.
      if (property.type === 'ref' && property.mapType !== undefined) {
        return { schema: { ...target, mapType: property.mapType }, declared: true };
      }
      return { schema: target, declared: true };
    }
    return { schema: schema.items ? this.#resolve(schema.items) : anyShape, declared: false };
  }

  itemSchema(schema: Schema): Schema {
    return schema.items ? this.#resolve(schema.items) : anyShape;
  }

  /** Undefined when an item lacks a key that has no default, or is no object. */
  element(schema: Schema, item: unknown): PathElement | undefined {
    if (schema.listType === 'set') return `v:${JSON.stringify(item ?? null)}`;
    if (!isRecord(item)) return undefined;
    const keys = schema.listMapKeys ?? [];
    let text = '';
    for (const key of keys.length > 1 ? [...keys].sort() : keys) {
      const value = item[key] ?? this.itemSchema(schema).properties?.[key]?.default;
      if (value === undefined || value === null) continue;
      text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${JSON.stringify(value)}`;
    }
    return text === '' ? undefined : `k:{${text}}`;
  }

  /** The fields that a configuration names. */
  fieldsOf(value: unknown, schema: Schema): FieldSet {
    const set = new FieldSet();
    this.#collect(value, this.#resolve(schema), [], set);
    return set;
  }

  /** What is different in `right`, relative to `left`. */
  compare(left: unknown, right: unknown, schema: Schema): Comparison {
    const comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
    this.#compare(left, right, this.#resolve(schema), [], comparison);
    return comparison;
  }

  /** `right` over `left`; parts that stay are shared with them. */
  merge(left: unknown, right: unknown, schema: Schema): unknown {
    if (right === undefined) return left;
    if (left === undefined || right === null) return right;
    const resolved = this.#resolve(schema);
    switch (shapeOf(resolved, right)) {
      case 'leaf':
        return right;
      case 'list':
        return left === null ? right : this.#mergeList(listOf(left), listOf(right), resolved);
      default: {
        if (!isRecord(left) || !isRecord(right)) return right;
        const merged: Json = { ...left };
        for (const [key, value] of Object.entries(right)) {
          const own = Object.hasOwn(left, key) ? left[key] : undefined;
          defineKey(merged, key, this.merge(own, value, this.fieldSchema(resolved, key).schema));
        }
        return merged;
      }
    }
  }

  /** The value without the given fields; a container that loses its last item becomes null. */
  remove(value: unknown, fields: FieldSet, schema: Schema): unknown {
    if (fields.isEmpty || value === null || value === undefined) return value;
    const resolved = this.#resolve(schema);
    const shape = shapeOf(resolved, value);
    if (shape === 'leaf' || isEmptyContainer(value)) return value;
    if (shape === 'list') {
      const items: unknown[] = [];
      for (const item of listOf(value)) {
        const element = this.element(resolved, item);
        if (element === undefined) items.push(item);
        else if (!fields.hasElement(element)) {
          const below = fields.below(element);
          items.push(below ? this.remove(item, below, this.itemSchema(resolved)) : item);
        }
      }
      return items.length > 0 ? items : null;
    }
    const kept: Json = {};
    for (const [key, item] of Object.entries(recordOf(value))) {
      const element = `f:${key}`;
      if (fields.hasElement(element)) continue;
      const below = fields.below(element);
      defineKey(kept, key, below ? this.remove(item, below, this.fieldSchema(resolved, key).schema) : item);
    }
    return isEmptyContainer(kept) ? null : kept;
  }

  /** Adds the declared fields on the way to each path, so that structs go when nothing of them is owned any more. */
  withStructs(set: FieldSet, schema: Schema): FieldSet {
    const result = new FieldSet();
    this.#structs(set, this.#resolve(schema), [], result);
    return result;
  }

  /** Drops nulls as Go's types do: unset fields; a null text in a map of texts is the empty text. */
  withoutNulls(value: unknown, schema: Schema): unknown {
    if (value === null || typeof value !== 'object') return value;
    const resolved = this.#resolve(schema);
    if (Array.isArray(value)) {
      if (resolved.type !== 'array') return value;
      const items = this.itemSchema(resolved);
      let changed = false;
      const list = value.map((item: unknown) => {
        const plain = this.withoutNulls(item, items);
        changed ||= plain !== item;
        return plain;
      });
      return changed ? list : value;
    }
    if (resolved.type !== 'object' && resolved.type !== 'map') return value;
    let copy: Json | undefined;
    for (const [key, item] of Object.entries(recordOf(value))) {
      const { schema: below, declared } = this.fieldSchema(resolved, key);
      if (item === null) {
        if (resolved.type === 'object' && !declared) continue;
        copy ??= { ...recordOf(value) };
        if (resolved.type === 'map' && below.type === 'string') copy[key] = '';
        else if (!below.nullable) delete copy[key];
      } else {
        const plain = this.withoutNulls(item, below);
        if (plain !== item) (copy ??= { ...recordOf(value) })[key] = plain;
      }
    }
    return copy ?? value;
  }

  #resolve(schema: Schema): Schema {
    return resolveSchema(schema, this.#table);
  }

  #collect(value: unknown, schema: Schema, path: PathElement[], set: FieldSet): void {
    const shape = shapeOf(schema, value);
    if (shape === 'leaf') {
      set.insert(path);
      return;
    }
    if (shape === 'list') {
      for (const item of listOf(value)) {
        const element = this.element(schema, item);
        if (element === undefined) continue;
        path.push(element);
        if (schema.listType === 'map') this.#collect(item, this.itemSchema(schema), path, set);
        set.insert(path);
        path.pop();
      }
      return;
    }
    for (const [key, item] of Object.entries(recordOf(value))) {
      const { schema: below, declared } = this.fieldSchema(schema, key);
      path.push(`f:${key}`);
      this.#collect(item, below, path, set);
      // An empty struct (`emptyDir: {}`) says something; an empty map of labels says nothing.
      const emptyStruct = isRecord(item) && below.type === 'object' && isEmptyContainer(item);
      if (!declared || item === null || emptyStruct) set.insert(path);
      path.pop();
    }
  }

  #compare(left: unknown, right: unknown, schema: Schema, path: PathElement[], found: Comparison): void {
    // Go prints null for some unset fields, and nobody owns those.
    if (left === right || ((left ?? null) === null && (right ?? null) === null)) return;
    const shape = shapeOf(schema, right ?? left);
    if (shape === 'leaf' || (isEmptyContainer(left) && isEmptyContainer(right))) {
      if (left === undefined) found.added.insert(path);
      else if (right === undefined) found.removed.insert(path);
      else if (!deepEqual(left, right)) found.modified.insert(path);
      return;
    }
    if (shape === 'list') this.#compareLists(listOf(left), listOf(right), schema, path, found);
    else this.#compareMaps(recordOf(left), recordOf(right), schema, path, found);
    if (path.length === 0) return;
    if (left === undefined) found.added.insert(path);
    else if (right === undefined) found.removed.insert(path);
  }

  #compareMaps(left: Json, right: Json, schema: Schema, path: PathElement[], found: Comparison): void {
    for (const key of Object.keys(right)) {
      const own = Object.hasOwn(left, key) ? left[key] : undefined;
      if (own === right[key]) continue;
      path.push(`f:${key}`);
      this.#compare(own, right[key], this.fieldSchema(schema, key).schema, path, found);
      path.pop();
    }
    for (const key of Object.keys(left)) {
      if (Object.hasOwn(right, key) && right[key] !== undefined) continue;
      path.push(`f:${key}`);
      this.#compare(left[key], undefined, this.fieldSchema(schema, key).schema, path, found);
      path.pop();
    }
  }

  #compareLists(
    left: readonly unknown[],
    right: readonly unknown[],
    schema: Schema,
    path: PathElement[],
    found: Comparison,
  ): void {
    const items = this.itemSchema(schema);
    const before = this.#indexed(schema, left);
    const after = this.#indexed(schema, right);
    for (const [element, item] of after) {
      path.push(element);
      this.#compare(before.get(element), item, items, path, found);
      path.pop();
    }
    for (const [element, item] of before) {
      if (after.has(element)) continue;
      path.push(element);
      this.#compare(item, undefined, items, path, found);
      path.pop();
    }
  }

  #indexed(schema: Schema, list: readonly unknown[]): Map<PathElement, unknown> {
    const index = new Map<PathElement, unknown>();
    for (const item of list) {
      const element = this.element(schema, item);
      if (element !== undefined) index.set(element, item);
    }
    return index;
  }

  /** Keeps the order of the configuration for shared items and places the others where they stood among them. */
  #mergeList(left: readonly unknown[], right: readonly unknown[], schema: Schema): unknown[] {
    const items = this.itemSchema(schema);
    const keysOf = (list: readonly unknown[]): string[] =>
      list.map((item, i) => this.element(schema, item) ?? `i:${i}`);
    const leftKeys = keysOf(left);
    const rightKeys = keysOf(right);
    const inLeft = new Map(leftKeys.map((key, i) => [key, left[i]]));
    const inRight = new Set(rightKeys);
    const merged: unknown[] = [];
    const done = new Set<string>();
    let l = 0;
    for (const [r, key] of rightKeys.entries()) {
      // Items of the live list that the configuration does not name go before the next shared item.
      if (inLeft.has(key) && !done.has(key)) {
        const place = leftKeys.indexOf(key);
        for (; l < place; l++) if (!inRight.has(leftKeys[l] ?? '')) merged.push(left[l]);
        if (l === place) l++;
      } else if (!inLeft.has(key) && !rightKeys.slice(r).some((other) => inLeft.has(other))) {
        for (; l < left.length; l++) if (!inRight.has(leftKeys[l] ?? '')) merged.push(left[l]);
      }
      done.add(key);
      merged.push(schema.listType === 'map' ? this.merge(inLeft.get(key), right[r], items) : right[r]);
    }
    for (; l < left.length; l++) if (!inRight.has(leftKeys[l] ?? '')) merged.push(left[l]);
    return merged;
  }

  #structs(set: FieldSet, schema: Schema, path: PathElement[], result: FieldSet): void {
    for (const element of set.elements()) {
      path.push(element);
      const below = set.below(element);
      const isField = element.startsWith('f:');
      const field = isField
        ? this.fieldSchema(schema, element.slice(2))
        : { schema: this.itemSchema(schema), declared: false };
      if (set.hasElement(element) || (below && field.declared)) result.insert(path);
      if (below) this.#structs(below, field.schema, path, result);
      path.pop();
    }
  }
}

export { fieldPathText };

/** Defaults: what the schema declares, then what the kind's own code adds. Applying them again changes nothing. */
import { deepClone, isRecord, type JsonValue } from '../../shared/deep.ts';
import type { KindDefinition } from '../define-kind.ts';
import type { Draft, KubeObject } from '../meta.ts';
import { canonicalQuantity, quantityError } from '../quantity.ts';
import { builtInSchemas } from '../schema-table.ts';
import type { Schema, SchemaTable } from '../schema.ts';

/** `2024-01-02T03:04:05+01:00` -> UTC seconds or microseconds, as Go prints what it has read. */
export function normalTime(text: string, fraction: boolean): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return text;
  const seconds = time.toISOString().slice(0, 19);
  if (!fraction) return `${seconds}Z`;
  const digits = /\.(\d+)/.exec(text)?.[1] ?? '';
  return `${seconds}.${digits.slice(0, 6).padEnd(6, '0')}Z`;
}

/** The scalar as a Go server prints it back; undefined when printing leaves it out. */
function normalScalar(schema: Schema, value: unknown): unknown {
  switch (schema.type) {
    case 'quantity':
      if (typeof value !== 'string' && typeof value !== 'number') return value;
      return quantityError(value) === undefined ? canonicalQuantity(value) : value;
    case 'time':
      return typeof value === 'string' ? normalTime(value, false) : value;
    case 'micro-time':
      return typeof value === 'string' ? normalTime(value, true) : value;
    case 'bytes':
      return typeof value === 'string' && /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, '') : value;
    default:
      return value;
  }
}

function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return false;
}

/** What a schema fills in is found once per table. */
const knownFills = new WeakMap<SchemaTable, WeakMap<Schema, readonly Fill[]>>();

class Normalizer {
  readonly #known: WeakMap<Schema, readonly Fill[]>;

  constructor(readonly table: SchemaTable) {
    this.#known = knownFills.get(table) ?? new WeakMap<Schema, readonly Fill[]>();
    knownFills.set(table, this.#known);
  }

  /** Answers the value to keep in the place of `value`. */
  visit(schema: Schema, value: unknown): unknown {
    if (typeof value === 'object' && value !== null) {
      if (Array.isArray(value)) {
        const { items } = schema;
        if (schema.type === 'array' && items) this.#items(items, value);
        return value;
      }
      if (!isRecord(value)) return value;
      if (schema.type === 'map') {
        if (schema.items) this.#map(schema.items, value, schema.proto !== undefined);
        return value;
      }
      const own = schema.type === 'ref' ? this.table.resolve(schema.ref ?? '') : schema;
      if (own.type === 'object' && own.protoForm === undefined) this.#object(own, value);
      return value;
    }
    return normalScalar(schema, value);
  }

  #items(items: Schema, list: unknown[]): void {
    for (let i = 0; i < list.length; i += 1) {
      const item = list[i];
      list[i] = this.visit(items, item === null ? deepClone(zeroOfEntry[items.type] ?? item) : item);
    }
  }

  #map(items: Schema, map: Record<string, unknown>, declared: boolean): void {
    for (const key of Object.keys(map)) {
      const value = map[key];
      if (value === null && !declared && items.nullable !== true) {
        delete map[key];
        continue;
      }
      map[key] = this.visit(items, value === null ? deepClone(zeroOfEntry[items.type] ?? value) : value);
    }
  }

  #object(schema: Schema, record: Record<string, unknown>): void {
    const properties = schema.properties ?? {};
    for (const key in record) {
      const property = properties[key];
      if (property === undefined) continue;
      const value = record[key];
      const declared = property.proto !== undefined;
      if (value === undefined || (value === null && (declared || property.nullable !== true))) {
        delete record[key];
        continue;
      }
      const kept = this.visit(property, value);
      // A Go server cannot tell an omitted field from its zero value and prints neither.
      const dropped = declared && property.presence === undefined && (isZero(kept) || isEmptyMap(property, kept));
      if (dropped) delete record[key];
      else if (kept !== value) record[key] = kept;
    }
    for (const { key, property, value } of this.#fills(schema)) {
      if (record[key] === undefined) record[key] = this.visit(property, deepClone(value));
    }
  }

  #fills(schema: Schema): readonly Fill[] {
    let fills = this.#known.get(schema);
    if (!fills) {
      fills = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => fillOf(key, property));
      this.#known.set(schema, fills);
    }
    return fills;
  }
}

/** A property that is there even when nobody set it. */
interface Fill {
  readonly key: string;
  readonly property: Schema;
  readonly value: JsonValue;
}

/** Zero values that Go prints, for types that have one other than null. */
const printedZeros: { readonly [type in Schema['type']]?: JsonValue } = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  ref: {},
  object: {},
  array: [],
  map: {},
};

/** What Go reads from a null in a map or a list. */
const zeroOfEntry: { readonly [type in Schema['type']]?: JsonValue } = {
  string: '',
  bytes: '',
  quantity: '0',
  boolean: false,
  int32: 0,
  int64: 0,
  ref: {},
};

function fillOf(key: string, property: Schema): readonly Fill[] {
  const declared = property.proto !== undefined;
  const { default: value, presence } = property;
  if (value !== undefined && !(declared && presence === undefined && isZero(value))) return [{ key, property, value }];
  // Go prints a struct that is no pointer even when it is empty, and a field without omitempty as its zero value.
  const zero = printedZeros[property.type];
  const printed = presence === 'always' || (presence === undefined && property.type === 'ref');
  return declared && printed && zero !== undefined ? [{ key, property, value: zero }] : [];
}

function isEmptyMap(schema: Schema, value: unknown): boolean {
  if (schema.type !== 'map' || typeof value !== 'object' || value === null) return false;
  for (const _ in value) return false;
  return true;
}

/** Brings a decoded object into the form that a Go server would print: no nulls, no omitted zero values, canonical quantities and times, schema defaults. */
export function normalize(kind: KindDefinition, draft: Draft<KubeObject>, table: SchemaTable = builtInSchemas): void {
  new Normalizer(table).visit(kind.schema, draft);
}

/** Schema defaults, then the kind's own. Idempotent. The draft is changed in place. */
export function applyDefaults<T extends KubeObject>(
  kind: KindDefinition<T>,
  draft: Draft<T>,
  table: SchemaTable = builtInSchemas,
): void {
  normalize(kind, draft, table);
  kind.applyDefaults?.(draft);
}

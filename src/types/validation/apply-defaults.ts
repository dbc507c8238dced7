/** Defaults: what the schema declares, then what the kind's own code adds. Applying them again changes nothing. */
import { deepClone, isRecord } from '../../shared/deep.ts';
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

class Normalizer {
  constructor(readonly table: SchemaTable) {}

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
        if (schema.items) this.#map(schema.items, value);
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
      // Go reads a null in a list of structs as an empty one.
      list[i] = this.visit(items, item === null && items.type === 'ref' ? {} : item);
    }
  }

  #map(items: Schema, map: Record<string, unknown>): void {
    for (const key in map) {
      const value = map[key];
      const zero = items.type === 'string' || items.type === 'bytes' ? '' : items.type === 'ref' ? {} : value;
      map[key] = this.visit(items, value === null ? zero : value);
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
    for (const key in properties) {
      const property = properties[key];
      if (property?.default === undefined || record[key] !== undefined) continue;
      if (property.proto !== undefined && property.presence === undefined && isZero(property.default)) continue;
      record[key] = this.visit(property, deepClone(property.default));
    }
  }
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

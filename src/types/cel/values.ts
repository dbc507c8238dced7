/** Values between JSON and CEL: whole numbers are `bigint`, objects are maps, so that no key of a user's means anything here. */
import { Optional } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import type { JsonValue } from '../../shared/deep.ts';
import { isRecord } from '../../shared/deep.ts';

/** A value as expressions see it: string, boolean, bigint, number, null, Date, Duration, a list, a Map, or one of the libraries' own. */
export type CelValue = unknown;

/** What of a schema changes how a value is read: an OpenAPI schema or nothing at all. */
export interface ValueSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
}

function isValueSchema(value: unknown): value is ValueSchema {
  return isRecord(value);
}

const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return'.split(' '),
);

/** The name by which an expression reaches a property (apiserver, cel escaping): `my-field` is `my__dash__field`. */
export function escapedName(name: string): string {
  if (reserved.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** JSON -> CEL. With a schema, numbers, times and the names of properties are read as it says. */
export function celValue(value: unknown, schema?: unknown): CelValue {
  const known = isValueSchema(schema) ? schema : undefined;
  if (typeof value === 'number') return numberOf(value, known);
  if (typeof value === 'string') return known?.type === 'string' ? textOf(value, known.format) : value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => celValue(item, known?.items));
    // The order of a set means nothing, to comparisons neither.
    const isSet = known?.['x-kubernetes-list-type'] === 'set' && items.every((item) => typeof item !== 'object');
    return isSet ? new Set(items) : items;
  }
  if (!isRecord(value)) return value ?? null;
  const map = new Map<string, CelValue>();
  const { properties } = known ?? {};
  for (const [name, child] of Object.entries(value)) {
    if (child === undefined) continue;
    const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (properties) map.set(escapedName(name), celValue(child, own));
    else map.set(name, celValue(child, known?.additionalProperties));
  }
  return map;
}

function numberOf(value: number, schema: ValueSchema | undefined): CelValue {
  if (schema?.type === 'number') return value;
  return Number.isInteger(value) ? BigInt(value) : value;
}

function textOf(text: string, format: string | undefined): CelValue {
  switch (format) {
    case 'date-time':
    case 'date': {
      const time = new Date(text);
      return Number.isNaN(time.getTime()) ? text : time;
    }
    case 'duration':
      return durationOf(text) ?? text;
    case 'byte':
      return Uint8Array.from(Buffer.from(text, 'base64'));
    default:
      return text;
  }
}

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's durations: `1h30m`, `-1.5s`. */
export function durationOf(text: string): Duration | undefined {
  const sign = text.startsWith('-') ? -1n : 1n;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return new Duration(0);
  let nanos = 0n;
  while (rest !== '') {
    const found = /^(\d+)(?:\.(\d{1,18})\d*)?(ns|us|µs|ms|s|m|h)/.exec(rest);
    if (!found) return undefined;
    const [all, whole = '0', fraction = '', unit = 's'] = found;
    const scale = unitNanos[unit] ?? 1n;
    nanos +=
      BigInt(whole) * scale + (BigInt(fraction === '' ? '0' : fraction) * scale) / 10n ** BigInt(fraction.length);
    rest = rest.slice(all.length);
  }
  if (text.replace(/^[+-]/, '') === '') return undefined;
  const total = sign * nanos;
  return new Duration(total / 1_000_000_000n, Number(total % 1_000_000_000n));
}

/** CEL -> JSON, for messages and patches. Values that JSON has no form for become their text. */
export function jsonValue(value: CelValue): JsonValue {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map((item: unknown) => jsonValue(item));
  if (value instanceof Set) return [...value].map((item: unknown) => jsonValue(item));
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, child]: [unknown, unknown]) => [String(key), jsonValue(child)]));
  }
  if (value instanceof Optional) return value.hasValue() ? jsonValue(value.value()) : null;
  if (value instanceof Date) return timeText(value);
  if (value instanceof UnsignedInt) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, jsonValue(child)]));
  }
  return typeof value === 'object' ? textOfObject(value) : String(value);
}

function textOfObject(value: object): string {
  const text: unknown = Reflect.apply(value.toString, value, []);
  return typeof text === 'string' ? text : '';
}

/** RFC 3339 without a fraction of zero. */
export function timeText(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}

/** A value that may be missing, as `optional` in expressions; `undefined` is none. */
export function optionalValue(value: CelValue | undefined): CelValue {
  return value === undefined ? Optional.none() : Optional.of(value);
}

/** Elements of a list in either form. */
export function elementsOf(list: unknown): readonly CelValue[] {
  if (Array.isArray(list)) return list;
  return list instanceof Set ? [...list] : [];
}

/** Entries of a map in either form. */
export function entriesOf(map: unknown): readonly (readonly [CelValue, CelValue])[] {
  if (map instanceof Map) return [...map];
  return isRecord(map) ? Object.entries(map) : [];
}

/** Equality as `==` has it. */
export function equalValues(a: CelValue, b: CelValue): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' || typeof a === 'number') {
    return (typeof b === 'bigint' || typeof b === 'number') && !(a < b) && !(a > b);
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((item) => b.has(item));
  if (Array.isArray(a) || a instanceof Set) {
    const [left, right] = [elementsOf(a), elementsOf(b)];
    const isList = Array.isArray(b) || b instanceof Set;
    return isList && left.length === right.length && left.every((item, index) => equalValues(item, right[index]));
  }
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a.constructor !== b.constructor && !(isMap(a) && isMap(b))) return false;
  if (!isMap(a)) return textOfObject(a) === textOfObject(b);
  const [left, right] = [entriesOf(a), new Map(entriesOf(b))];
  return (
    left.length === right.size && left.every(([key, value]) => right.has(key) && equalValues(value, right.get(key)))
  );
}

function isMap(value: object): boolean {
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
}

/** Negative, zero or positive; undefined for values that have no order. */
export function compareValues(a: CelValue, b: CelValue): number | undefined {
  const isNumber = (value: unknown): value is bigint | number => typeof value === 'bigint' || typeof value === 'number';
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof Duration && b instanceof Duration) {
    return a.seconds === b.seconds ? a.nanos - b.nanos : a.seconds < b.seconds ? -1 : 1;
  }
  if (a instanceof UnsignedInt && b instanceof UnsignedInt) return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  return undefined;
}

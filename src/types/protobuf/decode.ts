/** Messages to JSON objects, with what Go would print: see `presence` in ../schema.ts. */
import type { Schema } from '../schema.ts';
import type { FieldPlan, MessagePlan, MessagePlans } from './message-plan.ts';
import { durationFromWire, timeFromWire } from './time.ts';
import { DecodeError, delimited, fixed64, varint, WireReader } from './wire.ts';

type Json = Record<string, unknown>;

/** Deeper nesting is an attack on the stack. */
const maxDepth = 200;
const jsonSchema: Schema = { type: 'ref', ref: 'apiextensions.k8s.io/v1.JSONSchemaProps' };

/** The answer of a decoder for "there is nothing": the property stays away. */
const nothing: unique symbol = Symbol('nothing');

function setOwn(target: Json, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}

function isEmptyObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const _ in value) return false;
  return true;
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

/** @throws DecodeError */
export function parseJson(bytes: Buffer): unknown {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    return parsed;
  } catch (error) {
    throw new DecodeError(`protobuf: an embedded JSON value cannot be read: ${String(error)}`);
  }
}

export class MessageDecoder {
  readonly #plans: MessagePlans;
  readonly #embedded: (bytes: Buffer) => unknown;

  /** `embedded` decodes an object that lies inside another one in its own envelope. */
  constructor(plans: MessagePlans, embedded: (bytes: Buffer) => unknown) {
    this.#plans = plans;
    this.#embedded = embedded;
  }

  /** Adds the fields of the message to `target`. */
  into(target: Json, reader: WireReader, plan: MessagePlan, depth = 0): void {
    this.#fields(target, reader, plan, depth);
    for (const [name, zero] of plan.zeros) if (target[name] === undefined) target[name] = zero;
    for (const { name, schema } of plan.structs) {
      if (target[name] === undefined) target[name] = this.#empty(schema, depth + 1);
    }
  }

  #empty(schema: Schema, depth: number): Json {
    const value: Json = {};
    this.into(value, new WireReader(Buffer.alloc(0)), this.#plans.of(schema), depth);
    return value;
  }

  #fields(target: Json, reader: WireReader, plan: MessagePlan, depth: number): void {
    if (depth > maxDepth) throw new DecodeError(`protobuf: messages are nested more than ${maxDepth} deep`);
    while (!reader.done) {
      const { number, wire } = reader.tag();
      const field = plan.fieldOf.get(number);
      if (field) this.#field(target, reader, field, wire, depth);
      else {
        const inner = wire === delimited ? plan.innerOf.get(number) : undefined;
        if (inner) this.#fields(target, reader.message(), inner, depth + 1);
        else reader.skip(wire);
      }
    }
  }

  #field(target: Json, reader: WireReader, { name, schema }: FieldPlan, wire: number, depth: number): void {
    if (schema.protoForm === undefined && (schema.type === 'array' || schema.type === 'map')) {
      if (schema.type === 'array') this.#item(target, name, reader, schema.items ?? { type: 'json' }, wire, depth);
      else this.#entry(target, name, reader, schema.items ?? { type: 'json' }, wire, depth);
      return;
    }
    const value = this.#value(reader, schema, wire, depth);
    if (value === nothing) return;
    // What Go leaves out when it is zero; what is a pointer was set on purpose.
    if (schema.presence === undefined && (isZero(value) || (schema.type === 'ref' && isEmptyObject(value)))) return;
    target[name] = value;
  }

  #item(target: Json, name: string, reader: WireReader, items: Schema, wire: number, depth: number): void {
    const existing = target[name];
    const list: unknown[] = Array.isArray(existing) ? existing : [];
    target[name] = list;
    const numeric =
      items.type === 'int32' || items.type === 'int64' || items.type === 'boolean' || items.type === 'double';
    if (!numeric || wire !== delimited) {
      const value = this.#value(reader, items, wire, depth);
      list.push(value === nothing ? null : value);
      return;
    }
    const packed = reader.message();
    while (!packed.done) list.push(this.#value(packed, items, items.type === 'double' ? fixed64 : varint, depth));
  }

  #entry(target: Json, name: string, reader: WireReader, items: Schema, wire: number, depth: number): void {
    expect(wire, delimited, name);
    const existing = target[name];
    const map: Json = isJson(existing) ? existing : {};
    target[name] = map;
    const entry = reader.message();
    let key = '';
    let value: unknown = nothing;
    while (!entry.done) {
      const { number, wire: part } = entry.tag();
      if (number === 1 && part === delimited) key = entry.text();
      else if (number === 2) value = this.#value(entry, items, part, depth + 1);
      else entry.skip(part);
    }
    setOwn(map, key, value === nothing ? this.#absent(items, depth) : value);
  }

  /** What an entry of a map is worth whose value is not on the wire. */
  #absent(items: Schema, depth: number): unknown {
    switch (items.type) {
      case 'string':
      case 'bytes':
        return '';
      case 'ref':
        return this.#empty(items, depth + 1);
      case 'array':
        return [];
      case 'quantity':
        return '0';
      default:
        return null;
    }
  }

  #value(reader: WireReader, schema: Schema, wire: number, depth: number): unknown {
    switch (schema.type) {
      case 'string':
        return expect(wire, delimited, 'string') && reader.text();
      case 'boolean':
        return expect(wire, varint, 'bool') && reader.integer() !== 0;
      case 'int32':
        return expect(wire, varint, 'int32') && reader.integer() | 0;
      case 'int64':
        return expect(wire, varint, 'int64') && reader.integer();
      case 'double':
        return expect(wire, fixed64, 'double') && reader.double();
      case 'bytes':
        return expect(wire, delimited, 'bytes') && reader.bytes().toString('base64');
      default:
        expect(wire, delimited, 'message');
        return this.#message(reader.message(), schema, depth + 1);
    }
  }

  #message(reader: WireReader, schema: Schema, depth: number): unknown {
    if (depth > maxDepth) throw new DecodeError(`protobuf: messages are nested more than ${maxDepth} deep`);
    switch (schema.protoForm) {
      case 'items':
        return collect(reader).texts(1);
      case 'schema-or-array':
      case 'schema-or-bool':
      case 'schema-or-strings':
        return this.#union(reader, schema.protoForm, depth);
      case undefined:
        break;
    }
    switch (schema.type) {
      case 'time':
      case 'micro-time': {
        const parts = collect(reader);
        return timeFromWire(parts.integer(1), parts.integer(2), schema.type === 'micro-time') ?? nothing;
      }
      case 'duration':
        return durationFromWire(collect(reader).integer(1));
      case 'quantity':
        return collect(reader).text(1) ?? '0';
      case 'int-or-string': {
        const parts = collect(reader);
        return parts.integer(1) === 0 ? parts.integer(2) | 0 : (parts.text(3) ?? '');
      }
      case 'json':
      case 'raw-object':
      case 'fields-v1': {
        const raw = collect(reader).bytes(1);
        if (raw === undefined || raw.length === 0) return nothing;
        return raw.length > 4 && raw.readUInt32BE(0) === 0x6b387300 ? this.#embedded(raw) : parseJson(raw);
      }
      default: {
        const value: Json = {};
        this.into(value, reader, this.#plans.of(schema), depth);
        return value;
      }
    }
  }

  #union(reader: WireReader, form: 'schema-or-array' | 'schema-or-bool' | 'schema-or-strings', depth: number): unknown {
    let single: Json | undefined;
    let allows = false;
    const schemas: Json[] = [];
    const texts: string[] = [];
    const schema = (): Json => {
      const value: Json = {};
      this.into(value, reader.message(), this.#plans.of(jsonSchema), depth + 1);
      return value;
    };
    while (!reader.done) {
      const { number, wire } = reader.tag();
      if (form === 'schema-or-bool' && number === 1 && wire === varint) allows = reader.integer() !== 0;
      else if (wire !== delimited) reader.skip(wire);
      else if (number === (form === 'schema-or-bool' ? 2 : 1)) single = schema();
      else if (number === 2 && form === 'schema-or-array') schemas.push(schema());
      else if (number === 2 && form === 'schema-or-strings') texts.push(reader.text());
      else reader.skip(wire);
    }
    if (single) return single;
    if (form === 'schema-or-bool') return allows;
    return form === 'schema-or-array' ? schemas : texts;
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function expect(wire: number, wanted: number, what: string): true {
  if (wire !== wanted) throw new DecodeError(`protobuf: wrong wire type ${wire} for ${what}`);
  return true;
}

interface Parts {
  integer(number: number): number;
  text(number: number): string | undefined;
  texts(number: number): readonly string[];
  bytes(number: number): Buffer | undefined;
}

/** A small message field by field; a repeated scalar's last value holds. */
function collect(reader: WireReader): Parts {
  const integers = new Map<number, number>();
  const parts = new Map<number, Buffer[]>();
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (wire === varint) integers.set(number, reader.integer());
    else if (wire === delimited) parts.set(number, [...(parts.get(number) ?? []), reader.bytes()]);
    else reader.skip(wire);
  }
  return {
    integer: (number) => integers.get(number) ?? 0,
    text: (number) => parts.get(number)?.at(-1)?.toString('utf8'),
    texts: (number) => (parts.get(number) ?? []).map((part) => part.toString('utf8')),
    bytes: (number) => parts.get(number)?.at(-1),
  };
}

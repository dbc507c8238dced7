/** JSON objects to messages. */
import { isRecord } from '../../shared/deep.ts';
import type { Schema } from '../schema.ts';
import type { FieldPlan, MessagePlan, MessagePlans } from './message-plan.ts';
import { durationToWire, timeToWire } from './time.ts';
import { delimited, fixed64, varint, type ReverseWriter } from './wire.ts';

const jsonSchema: Schema = { type: 'ref', ref: 'apiextensions.k8s.io/v1.JSONSchemaProps' };

function mismatch(value: unknown, wanted: string): never {
  throw new Error(`${JSON.stringify(value)} cannot be encoded as ${wanted}`);
}
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : mismatch(value, 'a number');
}
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : mismatch(value, 'a text');
}

/** Everything is written back to front: the last field first, and each value before its tag. */
export class MessageEncoder {
  readonly #plans: MessagePlans;

  constructor(plans: MessagePlans) {
    this.#plans = plans;
  }

  message(writer: ReverseWriter, object: Readonly<Record<string, unknown>>, plan: MessagePlan): void {
    let f = plan.fields.length - 1;
    let i = plan.inner.length - 1;
    while (f >= 0 || i >= 0) {
      const field = plan.fields[f];
      const inner = plan.inner[i];
      if (field && (!inner || field.number > inner.number)) {
        this.#field(writer, object[field.name], field);
        f--;
      } else if (inner) {
        const mark = writer.length;
        this.message(writer, object, inner.plan);
        if (writer.length > mark) {
          writer.close(mark);
          writer.tag(inner.number, delimited);
        }
        i--;
      }
    }
  }

  #field(writer: ReverseWriter, value: unknown, { number, schema }: FieldPlan): void {
    if (value === undefined || value === null) return;
    if (schema.protoForm === undefined && schema.type === 'array') {
      if (!Array.isArray(value)) mismatch(value, 'a list');
      for (let i = value.length - 1; i >= 0; i--)
        this.#value(writer, value[i], schema.items ?? { type: 'json' }, number);
    } else if (schema.protoForm === undefined && schema.type === 'map') {
      if (!isRecord(value)) mismatch(value, 'a map');
      const keys = Object.keys(value).sort();
      for (let i = keys.length - 1; i >= 0; i--) {
        const key = keys[i] ?? '';
        const mark = writer.length;
        if (value[key] !== null) this.#value(writer, value[key], schema.items ?? { type: 'json' }, 2);
        writer.text(key);
        writer.tag(1, delimited);
        writer.close(mark);
        writer.tag(number, delimited);
      }
    } else this.#value(writer, value, schema, number);
  }

  #value(writer: ReverseWriter, value: unknown, schema: Schema, number: number): void {
    switch (schema.type) {
      case 'string':
        writer.text(textOf(value));
        writer.tag(number, delimited);
        return;
      case 'boolean':
        writer.integer(value === true ? 1 : 0);
        writer.tag(number, varint);
        return;
      case 'int32':
      case 'int64':
        writer.integer(numberOf(value));
        writer.tag(number, varint);
        return;
      case 'double':
        writer.double(numberOf(value));
        writer.tag(number, fixed64);
        return;
      case 'bytes':
        writer.bytes(Buffer.from(textOf(value), 'base64'));
        writer.tag(number, delimited);
        return;
      default: {
        const mark = writer.length;
        this.#embedded(writer, value, schema);
        writer.close(mark);
        writer.tag(number, delimited);
      }
    }
  }

  #embedded(writer: ReverseWriter, value: unknown, schema: Schema): void {
    if (schema.protoForm !== undefined) return this.#union(writer, value, schema.protoForm);
    switch (schema.type) {
      case 'time':
      case 'micro-time': {
        if (value === null) return;
        const { seconds, nanos } = timeToWire(textOf(value), schema.type === 'micro-time');
        integerField(writer, 2, nanos);
        return integerField(writer, 1, seconds);
      }
      case 'duration':
        return integerField(writer, 1, durationToWire(textOf(value)));
      case 'quantity':
        return textField(writer, 1, typeof value === 'number' ? String(value) : textOf(value));
      case 'int-or-string':
        textField(writer, 3, typeof value === 'string' ? value : '');
        integerField(writer, 2, typeof value === 'number' ? value : 0);
        return integerField(writer, 1, typeof value === 'string' ? 1 : 0);
      case 'json':
      case 'raw-object':
      case 'fields-v1':
        writer.bytes(Buffer.from(JSON.stringify(value)));
        writer.tag(1, delimited);
        return;
      default:
        if (!isRecord(value)) mismatch(value, 'an object');
        this.message(writer, value, this.#plans.of(schema));
    }
  }

  #union(writer: ReverseWriter, value: unknown, form: NonNullable<Schema['protoForm']>): void {
    if (form === 'items') return this.#texts(writer, value, 1);
    if (form === 'schema-or-bool') {
      if (isRecord(value)) this.#value(writer, value, jsonSchema, 2);
      // Go keeps `allows: true` beside a schema.
      return integerField(writer, 1, value === false ? 0 : 1);
    }
    if (isRecord(value)) return this.#value(writer, value, jsonSchema, 1);
    if (form === 'schema-or-strings') return this.#texts(writer, value, 2);
    if (!Array.isArray(value)) mismatch(value, 'a schema or a list of schemas');
    for (let i = value.length - 1; i >= 0; i--) this.#value(writer, value[i], jsonSchema, 2);
  }

  #texts(writer: ReverseWriter, value: unknown, number: number): void {
    if (!Array.isArray(value)) mismatch(value, 'a list of texts');
    for (let i = value.length - 1; i >= 0; i--) textField(writer, number, textOf(value[i]));
  }
}

function integerField(writer: ReverseWriter, number: number, value: number): void {
  writer.integer(value);
  writer.tag(number, varint);
}
function textField(writer: ReverseWriter, number: number, value: string): void {
  writer.text(value);
  writer.tag(number, delimited);
}

/** Random objects of any built-in kind that fit its schema, for property tests. */
import fc, { type Arbitrary } from 'fast-check';
import type { KindDefinition } from '../../src/types/define-kind.ts';
import { builtInSchemas } from '../../src/types/schema-table.ts';
import { resolveSchema, type Schema } from '../../src/types/schema.ts';

export type ArbitraryObject = Record<string, unknown> & {
  apiVersion: string;
  kind: string;
  metadata: Record<string, unknown>;
};

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const text = fc.oneof({ weight: 4, arbitrary: word }, fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }));
const seconds = fc.integer({ min: 1, max: 4_000_000_000 });
const time = seconds.map((value) => `${new Date(value * 1000).toISOString().slice(0, 19)}Z`);
const microTime = fc
  .tuple(time, fc.integer({ min: 0, max: 999_999 }))
  .map(([whole, micros]) => `${whole.slice(0, 19)}.${String(micros).padStart(6, '0')}Z`);
const quantity = fc
  .tuple(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi'))
  .map(([amount, suffix]) => `${amount}${suffix}`);
const jsonObject = fc.dictionary(word, fc.oneof(word, fc.integer(), fc.boolean()), {
  maxKeys: 3,
  noNullPrototype: true,
});
const jsonSchema = fc.record(
  { type: fc.constantFrom('string', 'object'), description: word },
  { noNullPrototype: true },
);

/** Deeper than this, only required fields are there. */
const maxDepth = 6;

function scalar(schema: Schema): Arbitrary<unknown> {
  switch (schema.protoForm) {
    case 'schema-or-array':
      return fc.oneof(jsonSchema, fc.array(jsonSchema, { maxLength: 2 }));
    case 'schema-or-bool':
      return fc.oneof(jsonSchema, fc.boolean());
    case 'schema-or-strings':
      return fc.oneof(jsonSchema, fc.array(word, { maxLength: 2 }));
    case 'items':
      return fc.array(word, { minLength: 1, maxLength: 3 });
    case undefined:
      break;
  }
  switch (schema.type) {
    case 'string':
      return schema.enum ? fc.constantFrom(...schema.enum) : text;
    case 'boolean':
      return fc.boolean();
    case 'int32':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 });
    case 'int64':
      return fc.oneof(fc.integer(), fc.maxSafeInteger());
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
    case 'bytes':
      return fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    case 'time':
      return time;
    case 'micro-time':
      return microTime;
    case 'duration':
      return fc.integer({ min: 1, max: 86_400 }).map((value) => `${value}s`);
    case 'quantity':
      return quantity;
    case 'int-or-string':
      return fc.oneof(
        fc.integer({ min: 0, max: 65_535 }),
        word,
        fc.integer({ min: 0, max: 100 }).map((value) => `${value}%`),
      );
    case 'fields-v1':
      return fc.constant({ 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } });
    case 'raw-object':
      return jsonObject;
    default:
      return fc.oneof(word, fc.integer(), fc.boolean(), jsonObject);
  }
}

function value(schema: Schema, depth: number): Arbitrary<unknown> {
  if (schema.protoForm !== undefined) return scalar(schema);
  const resolved = resolveSchema(schema, builtInSchemas);
  switch (resolved.type) {
    case 'array':
      return fc.array(value(resolved.items ?? { type: 'json' }, depth + 1), { minLength: 1, maxLength: 2 });
    case 'map':
      return fc.dictionary(word, value(resolved.items ?? { type: 'json' }, depth + 1), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      });
    case 'object':
      return object(resolved, depth + 1);
    default:
      return scalar(resolved);
  }
}

/** Some of the optional fields, and all that must be there. */
function object(schema: Schema, depth: number): Arbitrary<Record<string, unknown>> {
  const names = Object.keys(schema.properties ?? {}).filter(
    (name) => (name !== 'apiVersion' && name !== 'kind') || schema.properties?.[name]?.proto !== undefined,
  );
  const always = names.filter((name) => {
    const property = schema.properties?.[name];
    return (schema.required?.includes(name) ?? false) || property?.presence === 'always';
  });
  const optional = names.filter((name) => !always.includes(name));
  const chosen =
    depth >= maxDepth ? fc.constant([]) : fc.subarray(optional, { maxLength: Math.min(optional.length, 5) });
  return chosen.chain((extra) => {
    const model: Record<string, Arbitrary<unknown>> = {};
    for (const name of [...always, ...extra]) {
      const property = schema.properties?.[name];
      if (property && (depth < maxDepth + 4 || property.type !== 'array')) model[name] = value(property, depth);
    }
    return fc.record(model, { noNullPrototype: true });
  });
}

/** An object of the kind: all values of the right type, enums and formats included, rules between fields not. */
export function arbitraryObject(
  kind: Pick<KindDefinition, 'apiVersion' | 'kind' | 'schema'>,
): Arbitrary<ArbitraryObject> {
  const { metadata: _, ...properties } = kind.schema.properties;
  const body = object({ ...kind.schema, properties }, 0);
  const metadata = object({ ...builtInSchemas.resolve('meta/v1.ObjectMeta') }, 1);
  return fc.tuple(metadata, word, body).map(([meta, name, rest]) => ({
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...meta, name },
    ...rest,
  }));
}

/** Which field number means which property, prepared once per type. */
import { resolveSchema, type ObjectSchema, type Schema, type SchemaTable } from '../schema.ts';

export interface FieldPlan {
  readonly number: number;
  /** The property in JSON. */
  readonly name: string;
  readonly schema: Schema;
}

/** Fields in ascending order of their number; `inner` are messages whose fields JSON shows inline. */
export interface MessagePlan {
  readonly fields: readonly FieldPlan[];
  readonly inner: readonly { readonly number: number; readonly plan: MessagePlan }[];
  readonly fieldOf: ReadonlyMap<number, FieldPlan>;
  readonly innerOf: ReadonlyMap<number, MessagePlan>;
  /** Scalars that Go prints even when they are zero: property and zero value. */
  readonly zeros: readonly (readonly [string, string | number | boolean])[];
  /** Structs that Go prints even when they are empty. */
  readonly structs: readonly FieldPlan[];
}

type Placed = FieldPlan & { readonly via: readonly number[] };

function zeroOf(schema: Schema): string | number | boolean | undefined {
  switch (schema.type) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'int-or-string':
      return 0;
    case 'quantity':
      return '0';
    default:
      return undefined;
  }
}

function planOf(placed: readonly Placed[], depth: number): MessagePlan {
  const fields = placed.filter((field) => field.via.length === depth).sort((a, b) => a.number - b.number);
  const groups = new Map<number, Placed[]>();
  for (const field of placed) {
    const number = field.via[depth];
    if (number === undefined) continue;
    const group = groups.get(number) ?? [];
    group.push(field);
    groups.set(number, group);
  }
  const inner = [...groups].map(([number, group]) => ({ number, plan: planOf(group, depth + 1) }));
  inner.sort((a, b) => a.number - b.number);
  const always = fields.filter(({ schema }) => schema.presence === 'always');
  const zeros: (readonly [string, string | number | boolean])[] = [];
  for (const { name, schema } of always) {
    const zero = zeroOf(schema);
    if (zero !== undefined) zeros.push([name, zero]);
  }
  return {
    fields,
    inner,
    fieldOf: new Map(fields.map((field) => [field.number, field])),
    innerOf: new Map(inner.map(({ number, plan }) => [number, plan])),
    zeros: [...zeros, ...inner.flatMap(({ plan }) => plan.zeros)],
    structs: [...always.filter(({ schema }) => schema.type === 'ref'), ...inner.flatMap(({ plan }) => plan.structs)],
  };
}

/** Plans of one table of types, made when a type is first met. */
export class MessagePlans {
  readonly #table: SchemaTable;
  readonly #plans = new Map<Schema, MessagePlan>();

  constructor(table: SchemaTable) {
    this.#table = table;
  }

  /** The plan of an object type or of a reference to one. */
  of(schema: Schema): MessagePlan {
    const resolved = resolveSchema(schema, this.#table);
    let plan = this.#plans.get(resolved);
    if (!plan) {
      const placed: Placed[] = [];
      for (const [name, property] of Object.entries(resolved.properties ?? {})) {
        if (property.proto === undefined) continue;
        placed.push({ number: property.proto, name, schema: property, via: property.protoVia ?? [] });
      }
      plan = planOf(placed, 0);
      this.#plans.set(resolved, plan);
    }
    return plan;
  }
}

const listMeta: Schema = { type: 'ref', ref: 'meta/v1.ListMeta', proto: 1 };
const partialObject: ObjectSchema = {
  type: 'object',
  properties: { metadata: { type: 'ref', ref: 'meta/v1.ObjectMeta', proto: 1 } },
};

/** Finds the type of an object by its apiVersion and kind, also of lists and of what every group shares. */
export class WireTypes {
  readonly #table: SchemaTable;
  readonly #names: ReadonlySet<string>;
  readonly #lists = new Map<string, ObjectSchema>();

  constructor(table: SchemaTable) {
    this.#table = table;
    this.#names = new Set(table.names());
  }

  find(apiVersion: string, kind: string): ObjectSchema | undefined {
    const name = `${apiVersion}.${kind}`;
    if (this.#names.has(name)) return this.#table.resolve(name);
    if (apiVersion === 'meta.k8s.io/v1' && kind.startsWith('PartialObjectMetadata')) {
      return kind === 'PartialObjectMetadata' ? partialObject : this.#list(name, partialObject);
    }
    if (kind.endsWith('List')) {
      const item = `${apiVersion}.${kind.slice(0, -'List'.length)}`;
      if (this.#names.has(item)) return this.#list(name, { type: 'ref', ref: item });
    }
    // Status, DeleteOptions and the like belong to meta/v1, whatever group they are sent with.
    const shared = `meta/v1.${kind}`;
    return this.#names.has(shared) ? this.#table.resolve(shared) : undefined;
  }

  #list(name: string, items: Schema): ObjectSchema {
    let list = this.#lists.get(name);
    if (!list) {
      const property: Schema = { type: 'array', items, proto: 2 };
      this.#lists.set(name, (list = { type: 'object', properties: { metadata: listMeta, items: property } }));
    }
    return list;
  }
}

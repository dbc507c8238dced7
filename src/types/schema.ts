/** The compact schema: one representation for built-in kinds (generated) and custom resources (converted from their CRD). */
import type { JsonValue } from '../shared/deep.ts';

export type ScalarType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes' // base64 text
  | 'time' // RFC 3339, seconds
  | 'micro-time' // RFC 3339, microseconds
  | 'duration' // Go duration text, metav1.Duration
  | 'quantity'
  | 'int-or-string'
  | 'json' // any JSON value
  | 'raw-object' // runtime.RawExtension: an object of any shape
  | 'fields-v1';

export interface Schema {
  /** `ref` names a type of the `SchemaTable`; `object` lists its own properties; `map` and `array` have `items`. */
  readonly type: ScalarType | 'object' | 'ref' | 'map' | 'array';
  readonly ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly default?: JsonValue;
  /** How lists and maps are merged by strategic patch and server-side apply. Absent means atomic for lists, granular for maps and objects. */
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly patchStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[];
  readonly patchMergeKey?: string;
  /** Number in the protobuf message; only on properties of built-in types. */
  readonly proto?: number;
  /** Numbers of the embedded messages around the field, outermost first, where JSON inlines what protobuf nests (the sources of a Volume). */
  readonly protoVia?: readonly number[];
  /** Messages whose JSON is not an object: `items` wraps a list of strings, the others are unions of a JSON schema. */
  readonly protoForm?: 'items' | 'schema-or-array' | 'schema-or-bool' | 'schema-or-strings';
  /** How Go prints an empty value: `pointer` keeps what is set, `omit` drops the zero value, `always` prints it. Absent means omit. */
  readonly presence?: 'pointer' | 'always';
  readonly nullable?: boolean;
  readonly preserveUnknown?: boolean;
  readonly embeddedResource?: boolean;
  readonly pattern?: string;
  readonly format?: string;
  /** Only on schemas of custom resources; built-in types have theirs in a table of their own. */
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/** A named object type such as `apps/v1.DeploymentSpec`; core is `v1.Pod`, shared ones `meta/v1.ObjectMeta`. */
export interface ObjectSchema extends Schema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
}

export interface SchemaTable {
  /** @throws Error when no type has that name, which is a defect of the caller. */
  resolve(ref: string): ObjectSchema;
  names(): Iterable<string>;
}

/** Follows a reference; any other schema is its own answer. */
export function resolveSchema(schema: Schema, table: SchemaTable): Schema {
  return schema.type === 'ref' && schema.ref !== undefined ? table.resolve(schema.ref) : schema;
}

const jsonSchema: Schema = { type: 'ref', ref: 'apiextensions.k8s.io/v1.JSONSchemaProps' };
const jsonSchemas: Schema = { type: 'array', items: jsonSchema };

/** The schema of one value where a JSON schema may hold a schema, a list of them, or something simpler. */
export function unionMember(schema: Schema, value: unknown): Schema {
  if (schema.protoForm === undefined || schema.type !== 'json' || typeof value !== 'object') return schema;
  if (!Array.isArray(value)) return jsonSchema;
  return schema.protoForm === 'schema-or-array' ? jsonSchemas : schema;
}

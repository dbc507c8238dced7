/**
 * Interpreter of the compact schema on values. Built-in kinds answer a value of the wrong type as Go's JSON decoder does
 * (HTTP 400, the first one found); custom resources and compiled programs get one issue per place.
 */
import type { KindDefinition } from '../define-kind.ts';
import type { FieldIssue, FieldPath, IssueReason, PathSegment } from '../field-issue.ts';
import { isRecord } from '../../shared/deep.ts';
import { quantityError } from '../quantity.ts';
import { parseDuration } from '../duration.ts';
import { builtInSchemas } from '../schema-table.ts';
import { base64Fault, timeFault } from './text-faults.ts';
import { unionMember, type Schema, type SchemaTable, type ScalarType } from '../schema.ts';

/** A place where a value has not the type of its schema. */
export interface TypeFault {
  readonly path: FieldPath;
  /** What Go's decoder says, without the document around it. */
  readonly decodeError: string;
  /** What a person is told: `must be of type integer: "string"`. */
  readonly message: string;
  readonly value: unknown;
  readonly expected: Schema['type'];
}

const goTypes: Readonly<Record<ScalarType, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  bytes: '[]uint8',
  time: 'time.Time',
  'micro-time': 'time.Time',
  duration: 'string',
  quantity: 'resource.Quantity',
  'int-or-string': 'int32',
  json: 'interface {}',
  'raw-object': 'map[string]interface {}',
  'fields-v1': 'map[string]interface {}',
};
const shownTypes: Readonly<Record<Schema['type'], string>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'integer',
  int64: 'integer',
  double: 'number',
  bytes: 'string (base64)',
  time: 'string (RFC 3339 time)',
  'micro-time': 'string (RFC 3339 time)',
  duration: 'string (duration)',
  quantity: 'quantity',
  'int-or-string': 'integer or string',
  json: 'any',
  'raw-object': 'object',
  'fields-v1': 'object',
  object: 'object',
  ref: 'object',
  map: 'object',
  array: 'array',
};

export function jsonTypeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

const INT32 = 2_147_483_647;

function integerFault(value: number, schema: Schema): string | undefined {
  if (!Number.isInteger(value)) return `number ${value}`;
  if (schema.type === 'int32' && (value > INT32 || value < -INT32 - 1)) return `number ${value}`;
  return undefined;
}

/** The walk keeps its place in one array, so that a valid object costs no allocation for paths. */
class TypeWalk {
  readonly faults: TypeFault[] = [];
  readonly #place: PathSegment[] = [];
  readonly #structs: { readonly name: string; readonly from: number }[] = [];

  constructor(
    readonly table: SchemaTable,
    readonly onlyFirst: boolean,
  ) {}

  visit(schema: Schema, value: unknown): void {
    if (value === null || value === undefined || (this.onlyFirst && this.faults.length > 0)) return;
    switch (schema.type) {
      case 'ref':
        this.#object(this.table.resolve(schema.ref ?? ''), value, schema.ref ?? '');
        return;
      case 'object':
        this.#object(schema, value, undefined);
        return;
      case 'map':
        this.#map(schema, value);
        return;
      case 'array':
        this.#array(schema, value);
        return;
      default: {
        const member = unionMember(schema, value);
        if (member !== schema) this.visit(member, value);
        else this.#scalar(schema, schema.type, value);
      }
    }
  }

  #object(schema: Schema, value: unknown, name: string | undefined): void {
    if (!isRecord(value)) {
      // An embedded object without a type of its own (JSONSchemaProps unions, raw values) is read by its own decoder.
      if (schema.protoForm === undefined && schema.preserveUnknown !== true)
        this.#mismatch(schema, value, goName(name));
      return;
    }
    if (name !== undefined) this.#structs.push({ name: shortName(name), from: this.#place.length });
    for (const key in value) {
      const property = schema.properties?.[key];
      if (property === undefined) continue;
      this.#place.push(key);
      this.visit(property, value[key]);
      this.#place.pop();
    }
    if (name !== undefined) this.#structs.pop();
  }

  #map(schema: Schema, value: unknown): void {
    const { items } = schema;
    if (!isRecord(value)) this.#mismatch(schema, value, `map[string]${items ? goTypeOf(items) : 'interface {}'}`);
    else if (items) {
      for (const key in value) {
        this.#place.push({ key });
        this.visit(items, value[key]);
        this.#place.pop();
      }
    }
  }

  #array(schema: Schema, value: unknown): void {
    const { items } = schema;
    if (!Array.isArray(value)) this.#mismatch(schema, value, `[]${items ? goTypeOf(items) : 'interface {}'}`);
    else if (items) {
      for (let i = 0; i < value.length; i += 1) {
        this.#place.push(i);
        this.visit(items, value[i]);
        this.#place.pop();
      }
    }
  }

  #scalar(schema: Schema, type: ScalarType, value: unknown): void {
    switch (type) {
      case 'string':
        if (typeof value !== 'string') this.#mismatch(schema, value, 'string');
        return;
      case 'boolean':
        if (typeof value !== 'boolean') this.#mismatch(schema, value, 'bool');
        return;
      case 'int32':
      case 'int64': {
        const wrong = typeof value === 'number' ? integerFault(value, schema) : jsonTypeOf(value);
        if (wrong !== undefined) this.#mismatch(schema, value, type, wrong);
        return;
      }
      case 'double':
        if (typeof value !== 'number') this.#mismatch(schema, value, 'float64');
        return;
      case 'quantity': {
        const wrong = quantityError(value);
        if (wrong !== undefined) this.#fault(schema, value, wrong, wrong);
        return;
      }
      case 'int-or-string':
        if (
          typeof value === 'number' ? integerFault(value, { type: 'int32' }) !== undefined : typeof value !== 'string'
        ) {
          const shown = typeof value === 'number' ? `number ${value}` : jsonTypeOf(value);
          this.#fault(
            schema,
            value,
            `json: cannot unmarshal ${shown} into Go value of type int32`,
            typeMessage(schema, value),
          );
        }
        return;
      case 'raw-object':
      case 'fields-v1':
      case 'json':
        return;
      default:
        this.#text(schema, type, value);
    }
  }

  #text(schema: Schema, type: 'bytes' | 'time' | 'micro-time' | 'duration', value: unknown): void {
    if (typeof value !== 'string') {
      if (type === 'bytes') this.#mismatch(schema, value, goTypes.bytes);
      else {
        const text = `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type string`;
        this.#fault(schema, value, text, typeMessage(schema, value));
      }
      return;
    }
    let wrong: string | undefined;
    if (type === 'bytes') wrong = base64Fault(value);
    else if (type === 'time') wrong = timeFault(value, '2006-01-02T15:04:05Z07:00');
    else if (type === 'micro-time') wrong = timeFault(value, '2006-01-02T15:04:05.000000Z07:00');
    else if (parseDuration(value) === undefined) wrong = `time: invalid duration ${JSON.stringify(value)}`;
    if (wrong !== undefined) this.#fault(schema, value, wrong, wrong);
  }

  #mismatch(schema: Schema, value: unknown, goType: string, shown = jsonTypeOf(value)): void {
    const struct = this.#structs.at(-1);
    // Go names the innermost struct, then the JSON names of all fields on the way, without indexes and keys.
    const fields = this.#place.filter((segment) => typeof segment === 'string').join('.');
    const field = struct && fields !== '' ? `Go struct field ${struct.name}.${fields}` : 'Go value';
    this.#fault(
      schema,
      value,
      `json: cannot unmarshal ${shown} into ${field} of type ${goType}`,
      typeMessage(schema, value),
    );
  }

  #fault({ type: expected }: Schema, value: unknown, decodeError: string, message: string): void {
    this.faults.push({ path: [...this.#place], decodeError, message, value, expected });
  }
}

function typeMessage(schema: Schema, value: unknown): string {
  return `must be of type ${shownTypes[schema.type]}: "${jsonTypeOf(value).replace('bool', 'boolean')}"`;
}

function shortName(ref: string): string {
  return ref.slice(ref.lastIndexOf('.') + 1);
}

function goName(ref: string | undefined): string {
  if (ref === undefined) return 'map[string]interface {}';
  const [group = '', name = ''] = [ref.slice(0, ref.lastIndexOf('.')), shortName(ref)];
  return `${group.slice(group.lastIndexOf('/') + 1)}.${name}`;
}

function goTypeOf(schema: Schema): string {
  if (schema.type === 'ref') return goName(schema.ref);
  if (schema.type === 'array') return `[]${schema.items ? goTypeOf(schema.items) : 'interface {}'}`;
  if (schema.type === 'map') return `map[string]${schema.items ? goTypeOf(schema.items) : 'interface {}'}`;
  return schema.type === 'object' ? 'map[string]interface {}' : goTypes[schema.type];
}

/** Every place whose value has the wrong type. */
export function findTypeFaults(
  kind: KindDefinition,
  object: unknown,
  table: SchemaTable = builtInSchemas,
): readonly TypeFault[] {
  const walk = new TypeWalk(table, false);
  walk.visit(kind.schema, object);
  return walk.faults;
}

/** What upstream's decoder says of the first value of a wrong type, or undefined. It becomes a 400 `BadRequest`. */
export function findDecodeError(
  kind: KindDefinition,
  object: unknown,
  table: SchemaTable = builtInSchemas,
): string | undefined {
  const walk = new TypeWalk(table, true);
  walk.visit(kind.schema, object);
  const [first] = walk.faults;
  if (!first) return undefined;
  return `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${first.decodeError}`;
}

/** Wrong types as issues, for programs (source places) and custom resources (causes of a 422). */
export function checkTypes(
  kind: KindDefinition,
  object: unknown,
  table: SchemaTable = builtInSchemas,
): readonly FieldIssue[] {
  const reason: IssueReason = 'FieldValueTypeInvalid';
  return findTypeFaults(kind, object, table).map((fault) => ({
    path: fault.path,
    reason,
    message: `Invalid value: ${JSON.stringify(fault.value) ?? 'null'}: ${fault.message}`,
    value: fault.value,
  }));
}

type UnknownVisitor = (holder: Record<string, unknown>, key: string, path: FieldPath) => void;

function visitUnknown(
  schema: Schema,
  value: unknown,
  path: PathSegment[],
  table: SchemaTable,
  found: UnknownVisitor,
): void {
  if (typeof value !== 'object' || value === null) return;
  const member = unionMember(schema, value);
  if (member !== schema) {
    visitUnknown(member, value, path, table, found);
    return;
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (schema.type !== 'array' || !items) return;
    for (let i = 0; i < value.length; i += 1) {
      path.push(i);
      visitUnknown(items, value[i], path, table, found);
      path.pop();
    }
    return;
  }
  if (!isRecord(value)) return;
  if (schema.type === 'map' && schema.items) {
    for (const key in value) {
      path.push({ key });
      visitUnknown(schema.items, value[key], path, table, found);
      path.pop();
    }
    return;
  }
  const own = schema.type === 'ref' ? table.resolve(schema.ref ?? '') : schema;
  if (own.type !== 'object' || own.protoForm !== undefined) return;
  for (const key of Object.keys(value)) {
    const property = own.properties?.[key];
    path.push(key);
    if (property) visitUnknown(property, value[key], path, table, found);
    else if (own.preserveUnknown !== true && !(own.embeddedResource === true && embedded.has(key))) {
      found(value, key, [...path]);
    }
    path.pop();
  }
}

const embedded: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Fields that the schema does not know, in document order. */
export function findUnknownFields(
  kind: KindDefinition,
  object: unknown,
  table: SchemaTable = builtInSchemas,
): readonly FieldPath[] {
  const paths: FieldPath[] = [];
  visitUnknown(kind.schema, object, [], table, (_holder, _key, path) => paths.push(path));
  return paths;
}

/** Removes what the schema does not know; answers the paths as `fieldValidation` prints them: `spec.foo`, `spec.containers[0].bar`. */
export function pruneUnknown(
  kind: KindDefinition,
  draft: unknown,
  table: SchemaTable = builtInSchemas,
): readonly string[] {
  const removed: string[] = [];
  visitUnknown(kind.schema, draft, [], table, (holder, key, path) => {
    delete holder[key];
    removed.push(path.map(fieldText).join('').slice(1));
  });
  return removed;
}

function fieldText(segment: PathSegment): string {
  if (typeof segment === 'number') return `[${segment}]`;
  return `.${typeof segment === 'string' ? segment : segment.key}`;
}

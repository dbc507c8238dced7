/** Walks the models from the kinds down and joins each with its wire facts into the compact schema. */
import type { JsonValue } from '../../src/shared/deep.ts';
import type { ObjectSchema, ScalarType, Schema } from '../../src/types/schema.ts';
import type { Model } from './client-node.ts';
import { readDescriptions, readEnums } from './enums.ts';
import type { WireField, WireType } from './wire-facts.ts';

export interface CollectedType {
  readonly schema: ObjectSchema;
}
export interface Collected {
  readonly types: ReadonlyMap<string, CollectedType>;
  readonly descriptions: ReadonlyMap<string, Readonly<Record<string, string>>>;
}
export interface Sources {
  readonly models: ReadonlyMap<string, Model>;
  readonly wire: ReadonlyMap<string, WireType>;
  readonly kubernetesModels: string;
  readonly roots: readonly (readonly [className: string, typeName: string])[];
}

const scalars: ReadonlySet<string> = new Set<ScalarType>([
  'string',
  'boolean',
  'int32',
  'int64',
  'double',
  'bytes',
  'time',
  'micro-time',
  'duration',
  'quantity',
  'int-or-string',
  'json',
  'raw-object',
  'fields-v1',
]);
function isScalar(type: string): type is ScalarType {
  return scalars.has(type);
}

/** Messages that JSON shows in another form than an object. */
const forms: Readonly<Record<string, Schema>> = {
  ExtraValue: { type: 'array', items: { type: 'string' }, protoForm: 'items' },
  Verbs: { type: 'array', items: { type: 'string' }, protoForm: 'items' },
  JSONSchemaPropsOrArray: { type: 'json', protoForm: 'schema-or-array' },
  JSONSchemaPropsOrBool: { type: 'json', protoForm: 'schema-or-bool' },
  JSONSchemaPropsOrStringArray: { type: 'json', protoForm: 'schema-or-strings' },
};

/** The class inside `Array<X>`, `{ [key: string]: X; }` or X itself. */
function innerClass(type: string): string {
  const inner = /^Array<(.*)>$/.exec(type)?.[1] ?? /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  return inner === undefined ? type : innerClass(inner);
}

function markersOf(field: WireField | WireType): Omit<Partial<Schema>, 'type' | 'properties'> {
  const { markers } = field;
  const listType = markers.get('listType');
  const keys = markers.get('listMapKeys');
  const strategy = markers.get('patchStrategy')?.split(',');
  const mergeKey = markers.get('patchMergeKey');
  const preset = markers.get('default');
  return {
    ...(listType === 'atomic' || listType === 'set' || listType === 'map' ? { listType } : {}),
    ...(keys === undefined ? {} : { listMapKeys: keys.split(',') }),
    ...(markers.get('mapType') === 'atomic' || markers.get('structType') === 'atomic'
      ? { mapType: 'atomic' as const }
      : {}),
    ...(strategy
      ? { patchStrategy: strategy.filter((name) => name === 'merge' || name === 'replace' || name === 'retainKeys') }
      : {}),
    ...(mergeKey === undefined ? {} : { patchMergeKey: mergeKey }),
    ...(preset === undefined || preset.startsWith('ref(') ? {} : { default: parseDefault(preset) }),
  };
}

function parseDefault(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    throw new Error(`default ${text} is no JSON`);
  }
}

function wireSchema(type: string): Schema {
  if (type.startsWith('[]')) return { type: 'array', items: wireSchema(type.slice(2)) };
  if (type.startsWith('map:')) return { type: 'map', items: wireSchema(type.slice(4)) };
  if (isScalar(type)) return { type };
  if (type === 'uint32' || type === 'uint64') return { type: 'int64' };
  const form = forms[type.slice(type.lastIndexOf('.') + 1)];
  return form ?? { type: 'ref', ref: type };
}

function referenced(schema: Schema): string | undefined {
  return schema.type === 'ref' ? schema.ref : schema.items ? referenced(schema.items) : undefined;
}

function withEnum(schema: Schema, values: readonly string[] | undefined): Schema {
  if (values === undefined) return schema;
  if (schema.type === 'array' && schema.items) return { ...schema, items: { ...schema.items, enum: values } };
  return { ...schema, enum: values };
}

export function collectTypes(sources: Sources): Collected {
  const types = new Map<string, CollectedType>();
  const descriptions = new Map<string, Readonly<Record<string, string>>>();
  const pending = [...sources.roots];
  const seen = new Set(pending.map(([, typeName]) => typeName));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [className, typeName] = next;
    const model = sources.models.get(className);
    const wire = sources.wire.get(typeName);
    if (!model && className !== 'any') throw new Error(`no model ${className} for ${typeName}`);
    const enums = readEnums(sources.kubernetesModels, typeName);
    const spare = readDescriptions(sources.kubernetesModels, typeName);
    const properties: Record<string, Schema> = {};
    const texts: Record<string, string> = { '': model?.description ?? '' };
    const required: string[] = [];
    for (const property of model?.properties.values() ?? []) {
      const field = wire?.fields.get(property.name);
      const identity = property.name === 'apiVersion' || property.name === 'kind';
      if (!field && !identity) {
        console.warn(`${typeName}.${property.name} is in the client package, but has no wire facts`);
        continue;
      }
      const shape = withEnum(field ? wireSchema(field.type) : { type: 'string' }, enums.get(property.name));
      properties[property.name] = {
        ...shape,
        ...(field ? { ...markersOf(field), proto: field.number } : {}),
        ...(field?.via === undefined ? {} : { protoVia: field.via }),
        ...(field?.presence === 'p' ? { presence: 'pointer' as const } : {}),
        ...(field?.presence === 'a' || field?.presence === '?' ? { presence: 'always' as const } : {}),
      };
      if (property.required) required.push(property.name);
      const description = property.description === '' ? spare.get(property.name) : property.description;
      if (description !== undefined) texts[property.name] = description;
      const child = referenced(shape);
      if (child !== undefined && !seen.has(child)) {
        seen.add(child);
        pending.push([innerClass(property.type), child]);
      }
    }
    for (const name of wire?.fields.keys() ?? []) {
      if (!(name in properties)) console.warn(`${typeName}.${name} has wire facts, but is not in the client package`);
    }
    const schema: ObjectSchema = {
      ...(wire ? markersOf(wire) : {}),
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
    };
    types.set(typeName, { schema });
    descriptions.set(typeName, texts);
  }
  return {
    types: new Map([...types].sort(([a], [b]) => (a < b ? -1 : 1))),
    descriptions: new Map([...descriptions].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

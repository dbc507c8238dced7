/** Schemas of OpenAPI documents, made from the schema table; version 2 and 3 differ in references and in scalars. */
import type { JsonObject, JsonValue } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { Schema, SchemaTable } from '../../../types/schema.ts';
import { customOpenApiName, openApiName, scalarTypeNames, sharedTypes, type ScalarTypeName } from './type-names.ts';

/** By type name, then by property; the empty property describes the type. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

type Json = Record<string, JsonValue>;

const scalars: Readonly<Record<ScalarTypeName, { readonly v2: JsonObject; readonly v3: JsonObject }>> = {
  time: same({ type: 'string', format: 'date-time' }),
  'micro-time': same({ type: 'string', format: 'date-time' }),
  duration: same({ type: 'string' }),
  'fields-v1': same({ type: 'object' }),
  quantity: { v2: { type: 'string' }, v3: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
  'int-or-string': {
    v2: { type: 'string', format: 'int-or-string' },
    v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  'raw-object': same({ type: 'object' }),
  json: same({}),
  'schema-or-array': same({}),
  'schema-or-bool': same({}),
  'schema-or-strings': same({}),
};

function same(schema: JsonObject): { readonly v2: JsonObject; readonly v3: JsonObject } {
  return { v2: schema, v3: schema };
}

const apiVersionText =
  'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const kindText =
  'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';

const envelope: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'ref', ref: 'meta/v1.ObjectMeta' },
};

/** Words that this schema and JSON schema share, with their names in both. */
const constraints = [
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
] as const;

/** Collects the definitions that a document needs, each once. */
export class Definitions {
  readonly #table: SchemaTable;
  readonly #descriptions: Descriptions;
  readonly #version: 'v2' | 'v3';
  readonly #kinds = new Map<string, JsonObject[]>();
  readonly #found = new Map<string, JsonObject>();

  /** `kinds` are all kinds of the server: their types carry x-kubernetes-group-version-kind wherever they appear. */
  constructor(table: SchemaTable, descriptions: Descriptions, version: 'v2' | 'v3', kinds: Iterable<KindDefinition>) {
    this.#table = table;
    this.#descriptions = descriptions;
    this.#version = version;
    const groupVersions = new Map<string, readonly [string, string]>();
    for (const kind of kinds) {
      groupVersions.set(kind.apiVersion, [kind.group, kind.version]);
      this.#addKind(kind.typeName, kind.group, kind.version, kind.kind);
    }
    this.#addKind('meta/v1.Status', '', 'v1', 'Status');
    for (const [group, version_] of groupVersions.values()) {
      this.#addKind('meta/v1.DeleteOptions', group, version_, 'DeleteOptions');
      this.#addKind('meta/v1.WatchEvent', group, version_, 'WatchEvent');
    }
  }

  #addKind(typeName: string, group: string, version: string, kind: string): void {
    const list = this.#kinds.get(typeName) ?? [];
    list.push({ group, kind, version });
    this.#kinds.set(typeName, list);
  }

  /** Everything collected so far, sorted by name. */
  all(): JsonObject {
    return Object.fromEntries([...this.#found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Adds a kind and what it refers to; answers its name. */
  kind(kind: KindDefinition): string {
    if (this.#isBuiltIn(kind)) return this.type(kind.typeName);
    const name = customOpenApiName(kind.group, kind.version, kind.kind);
    if (!this.#found.has(name)) {
      this.#found.set(name, {});
      const { schema } = kind;
      if (this.#version === 'v2' && schema.preserveUnknown === true) {
        // Clients of version 2 would take the properties for all that there are.
        this.#found.set(name, { type: 'object', 'x-kubernetes-group-version-kind': [groupVersionKind(kind)] });
        return name;
      }
      const properties: Record<string, Schema> = {
        ...schema.properties,
        ...envelope,
      };
      const definition = this.#object({ ...schema, properties }, kind.typeName, true);
      this.#found.set(name, { ...definition, 'x-kubernetes-group-version-kind': [groupVersionKind(kind)] });
    }
    return name;
  }

  /** Adds the list type of a kind; answers its name. */
  list(kind: KindDefinition): string {
    const item = this.kind(kind);
    const name = `${item}List`;
    if (!this.#found.has(name)) {
      this.type('meta/v1.ListMeta');
      this.#found.set(name, {
        description: `${kind.kind}List is a list of ${kind.kind}`,
        type: 'object',
        required: ['items'],
        properties: {
          apiVersion: { description: apiVersionText, type: 'string' },
          items: { description: `List of ${kind.plural}.`, items: this.#reference(item), type: 'array' },
          kind: { description: kindText, type: 'string' },
          metadata: this.#described(this.#reference(sharedTypes.listMeta), 'Standard list metadata.'),
        },
        'x-kubernetes-group-version-kind': [{ group: kind.group, kind: `${kind.kind}List`, version: kind.version }],
      });
    }
    return name;
  }

  /** Adds a type of the schema table; answers its name. */
  type(typeName: string): string {
    const name = openApiName(typeName);
    if (!this.#found.has(name)) {
      // Types refer to themselves: the place is taken before it is filled.
      this.#found.set(name, {});
      const definition = this.#object(this.#table.resolve(typeName), typeName, false);
      const kinds = this.#kinds.get(typeName);
      this.#found.set(name, kinds ? { ...definition, 'x-kubernetes-group-version-kind': kinds } : definition);
    }
    return name;
  }

  /** The untyped bodies of patches and watches. */
  addShared(): void {
    this.type('meta/v1.Status');
    this.type('meta/v1.DeleteOptions');
    const description = 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.';
    this.#found.set(sharedTypes.patch, { description, type: 'object' });
  }

  reference(name: string): JsonObject {
    const folder = this.#version === 'v2' ? 'definitions' : 'components/schemas';
    return { $ref: `#/${folder}/${name}` };
  }

  #isBuiltIn(kind: KindDefinition): boolean {
    for (const name of this.#table.names()) if (name === kind.typeName) return true;
    return false;
  }

  #reference(name: string): Json {
    return { ...this.reference(name) };
  }

  /** In version 3 nothing may stand beside a reference. */
  #described(schema: Json, description: string | undefined): Json {
    if (description === undefined) return schema;
    const reference = schema['$ref'];
    if (this.#version === 'v3' && reference !== undefined) return { description, allOf: [{ $ref: reference }] };
    return { description, ...schema };
  }

  #object(schema: Schema, typeName: string, custom: boolean): Json {
    const texts = this.#descriptions[typeName] ?? {};
    const definition: Json = { type: 'object' };
    const own = texts[''] ?? schema.description;
    if (own !== undefined) definition['description'] = own;
    const properties: Json = {};
    for (const [name, property] of Object.entries(this.#propertiesOf(schema, custom))) {
      const text =
        texts[name] ??
        property.description ??
        (name === 'apiVersion' ? apiVersionText : name === 'kind' ? kindText : undefined);
      properties[name] = this.#described(this.#schema(property, custom), text);
    }
    if (Object.keys(properties).length > 0) definition['properties'] = properties;
    const required = this.#required(schema, custom);
    if (required.length > 0) definition['required'] = required;
    if (schema.mapType !== undefined) definition['x-kubernetes-map-type'] = schema.mapType;
    if (schema.preserveUnknown) definition['x-kubernetes-preserve-unknown-fields'] = true;
    if (schema.embeddedResource) definition['x-kubernetes-embedded-resource'] = true;
    return definition;
  }

  /** What is embedded has the fields of every object, whether its schema tells of them or not. */
  #propertiesOf(schema: Schema, custom: boolean): Readonly<Record<string, Schema>> {
    if (!custom || schema.embeddedResource !== true) return schema.properties ?? {};
    return { ...schema.properties, ...envelope };
  }

  #required({ required = [], properties, embeddedResource }: Schema, custom: boolean): readonly string[] {
    if (!custom) return required;
    const all = embeddedResource === true ? [...new Set([...required, 'kind', 'apiVersion'])] : required;
    return this.#version === 'v2' ? all.filter((name) => properties?.[name]?.nullable !== true) : all;
  }

  #schema(schema: Schema, custom: boolean): Json {
    const full = this.#shape(schema, custom);
    const result = custom && this.#version === 'v2' ? version2Form(full, schema.nullable === true) : full;
    if (schema.default !== undefined) result['default'] = schema.default;
    if (schema.enum) result['enum'] = schema.enum;
    if (schema.nullable && !(custom && this.#version === 'v2')) result['nullable'] = true;
    if (custom && schema.format !== undefined) result['format'] = schema.format;
    for (const word of constraints) {
      const value = schema[word];
      if (value !== undefined) result[word] = value;
    }
    if (schema.listType !== undefined) result['x-kubernetes-list-type'] = schema.listType;
    if (schema.listMapKeys !== undefined) result['x-kubernetes-list-map-keys'] = schema.listMapKeys;
    if (schema.mapType !== undefined && schema.type !== 'object') result['x-kubernetes-map-type'] = schema.mapType;
    if (schema.patchMergeKey !== undefined) result['x-kubernetes-patch-merge-key'] = schema.patchMergeKey;
    if (schema.patchStrategy !== undefined) result['x-kubernetes-patch-strategy'] = schema.patchStrategy.join(',');
    // In version 3 a reference stands alone.
    const reference = result['$ref'];
    if (this.#version === 'v3' && reference !== undefined && Object.keys(result).length > 1) {
      const { $ref: _, ...rest } = result;
      return { ...rest, allOf: [{ $ref: reference }] };
    }
    return result;
  }

  #shape(schema: Schema, custom: boolean): Json {
    if (schema.protoForm !== undefined && schema.protoForm !== 'items') return this.#scalar(schema.protoForm);
    switch (schema.type) {
      case 'string':
      case 'boolean':
        return { type: schema.type };
      case 'int32':
      case 'int64':
        // A definition names its format itself, or has none.
        return custom ? { type: 'integer' } : { type: 'integer', format: schema.type };
      case 'double':
        return custom ? { type: 'number' } : { type: 'number', format: 'double' };
      case 'bytes':
        return { type: 'string', format: 'byte' };
      case 'array':
        return { type: 'array', items: this.#schema(schema.items ?? { type: 'json' }, custom) };
      case 'map':
        return { type: 'object', additionalProperties: this.#schema(schema.items ?? { type: 'json' }, custom) };
      case 'ref':
        return this.#reference(this.type(schema.ref ?? ''));
      case 'object':
        return this.#object(schema, '', custom);
      default:
        return custom ? customScalar(schema) : this.#scalar(schema.type);
    }
  }

  #scalar(name: ScalarTypeName): Json {
    const typeName = scalarTypeNames[name];
    if (!this.#found.has(typeName)) this.#found.set(typeName, scalars[name][this.#version]);
    return this.#reference(typeName);
  }
}

/**
 * A schema in the words that version 2 has: kubectl reads no properties beside unknown fields, nothing that is null, and no list
 * without a schema of its items, so such values are of no type.
 */
function version2Form(full: Json, nullable: boolean): Json {
  const preserves = full['x-kubernetes-preserve-unknown-fields'] === true;
  if (!nullable && !preserves) return full;
  const { items: _items, properties: _properties, type, ...rest } = full;
  const untyped = nullable || type === 'object' || type === 'array';
  return untyped || type === undefined ? rest : { ...rest, type };
}

/** Schemas of custom resources have no named types. */
function customScalar(schema: Schema): Json {
  switch (schema.type) {
    case 'int-or-string':
      return { 'x-kubernetes-int-or-string': true };
    case 'json':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    case 'raw-object':
    case 'fields-v1':
      return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    case 'time':
    case 'micro-time':
      return { type: 'string', format: 'date-time' };
    default:
      return { type: 'string' };
  }
}

export function groupVersionKind({ group, version, kind }: KindDefinition): JsonObject {
  return { group, kind, version };
}

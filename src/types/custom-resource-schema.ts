/** Definitions of custom resources -> kinds. The JSON schema of a version becomes the compact schema of the built-in kinds. */
import { deepClone, deepEqual, isRecord } from '../shared/deep.ts';
import type { JsonValue } from '../shared/deep.ts';
import type { Column, KindDefinition } from './define-kind.ts';
import { CustomResourceDefinition } from './kinds/apiextensions/custom-resource-definition.ts';
import type { WebhookConversion } from './kinds/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from './meta.ts';
import type { ObjectSchema, Schema } from './schema.ts';
import { firstAtPath } from './simple-json-path.ts';
import { ageText, columnsOf, nameColumn } from './table.ts';
import { applyDefaults } from './validation/apply-defaults.ts';
import { checkCustomResource, checkScale } from './validation/custom-resources.ts';
import { isSchema } from './validation/json-schema.ts';
import { findDecodeError, pruneUnknown } from './validation/structure.ts';

type Json = Readonly<Record<string, unknown>>;

/** Schemas of definitions that are hostile: as deep as nobody writes them. */
const deepest = 100;

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isJson(value: unknown): value is JsonValue {
  return value !== undefined && typeof value !== 'function';
}

const numbers = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;
const flags = ['exclusiveMinimum', 'exclusiveMaximum', 'uniqueItems', 'nullable'] as const;

function constraints(source: Json): Partial<Schema> {
  const found: Record<string, unknown> = {};
  for (const name of numbers) if (typeof source[name] === 'number') found[name] = source[name];
  for (const name of flags) if (source[name] === true) found[name] = true;
  for (const name of ['pattern', 'format', 'description'] as const) {
    if (typeof source[name] === 'string') found[name] = source[name];
  }
  const options = texts(source['enum']);
  if (options.length > 0 && Array.isArray(source['enum']) && options.length === source['enum'].length)
    found['enum'] = options;
  const required = texts(source['required']);
  if (required.length > 0) found['required'] = required;
  if (isJson(source['default'])) found['default'] = source['default'];
  if (source['x-kubernetes-preserve-unknown-fields'] === true) found['preserveUnknown'] = true;
  if (source['x-kubernetes-embedded-resource'] === true) found['embeddedResource'] = true;
  const listType = source['x-kubernetes-list-type'];
  if (listType === 'atomic' || listType === 'set' || listType === 'map') found['listType'] = listType;
  const keys = texts(source['x-kubernetes-list-map-keys']);
  if (keys.length > 0) found['listMapKeys'] = keys;
  const mapType = source['x-kubernetes-map-type'];
  if (mapType === 'atomic' || mapType === 'granular') found['mapType'] = mapType;
  return found;
}

function typeOf(source: Json): Schema['type'] {
  if (source['x-kubernetes-int-or-string'] === true) return 'int-or-string';
  const { type, format } = source;
  switch (type) {
    case 'string':
    case 'boolean':
    case 'array':
      return type;
    case 'integer':
      return format === 'int32' ? 'int32' : 'int64';
    case 'number':
      return 'double';
    case 'object':
      return isRecord(source['additionalProperties']) && !isRecord(source['properties']) ? 'map' : 'object';
    default:
      return isRecord(source['properties']) ? 'object' : 'json';
  }
}

/** The compact schema of an OpenAPI v3 schema as definitions of custom resources hold it. */
export function compactSchema(source: unknown, depth = 0): Schema {
  if (!isRecord(source) || depth > deepest) return { type: 'json' };
  const type = typeOf(source);
  const shared = constraints(source);
  if (type === 'array') return { ...shared, type, items: compactSchema(source['items'], depth + 1) };
  if (type === 'map') return { ...shared, type, items: compactSchema(source['additionalProperties'], depth + 1) };
  if (type !== 'object') return { ...shared, type };
  const properties: Record<string, Schema> = {};
  const own = source['properties'];
  if (isRecord(own))
    for (const [name, child] of Object.entries(own)) properties[name] = compactSchema(child, depth + 1);
  // Any field may be there: a schema that only says so.
  const open = source['additionalProperties'] === true ? { preserveUnknown: true } : {};
  return { ...shared, ...open, type, properties };
}

/** The schema of whole objects: their identity and metadata are those of every object. */
export function customResourceSchema(source: unknown): ObjectSchema {
  const schema = compactSchema(source);
  const { properties = {}, default: _, ...rest } = schema;
  return {
    ...rest,
    ...(schema.type === 'object' ? {} : { preserveUnknown: true }),
    type: 'object',
    properties: {
      ...properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'ref', ref: 'meta/v1.ObjectMeta' },
    },
  };
}

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

function namesOf(names: unknown): Names | undefined {
  if (!isRecord(names)) return undefined;
  const { kind, plural, singular } = names;
  if (typeof kind !== 'string' || typeof plural !== 'string') return undefined;
  return {
    kind,
    plural,
    singular: typeof singular === 'string' ? singular : kind.toLowerCase(),
    shortNames: texts(names['shortNames']),
    categories: texts(names['categories']),
  };
}

const columnTypes = ['string', 'integer', 'number', 'boolean', 'date'] as const;

/** The first value at the column's path, as the server prints it. */
function cellAt(object: KubeObject, now: Date, path: string, type: Column['type']): ReturnType<Column['cell']> {
  const value = firstAtPath(object, path);
  if (value === undefined || value === null) return null;
  if (type === 'date') return typeof value === 'string' ? ageText(value, now) : null;
  if (type === 'boolean') return typeof value === 'boolean' ? value : null;
  if (type === 'integer' || type === 'number') return typeof value === 'number' ? value : null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function columnsOfVersion(columns: unknown): readonly Column[] {
  const own = (Array.isArray(columns) ? columns : []).filter(isRecord).flatMap((source): Column[] => {
    const { name, jsonPath, priority, format, description } = source;
    const type = columnTypes.find((each) => each === source['type']);
    if (typeof name !== 'string' || typeof jsonPath !== 'string' || !type) return [];
    return [
      {
        name,
        type: type === 'date' ? 'string' : type,
        ...(typeof priority === 'number' && priority > 0 ? { priority } : {}),
        ...(typeof format === 'string' ? { format } : {}),
        ...(typeof description === 'string' ? { description } : {}),
        cell: (object, now) => cellAt(object, now, jsonPath, type),
      },
    ];
  });
  return own.length === 0 ? columnsOf([]) : [nameColumn, ...own];
}

/** What a version says besides its schema: columns, selectable fields, the way to the number of replicas. */
function behaviourOf(version: Json): Pick<KindDefinition, 'columns' | 'selectableFields' | 'scale'> {
  const fields = version['selectableFields'];
  const paths = (Array.isArray(fields) ? fields : []).flatMap((field) =>
    isRecord(field) ? texts([field['jsonPath']]) : [],
  );
  const subresources = version['subresources'];
  const scale = isRecord(subresources) && isRecord(subresources['scale']) ? subresources['scale'] : {};
  const { specReplicasPath: spec, statusReplicasPath: status, labelSelectorPath: selector } = scale;
  return {
    columns: columnsOfVersion(version['additionalPrinterColumns']),
    selectableFields: paths.map((path) => ({
      path: path.replace(/^\./, ''),
      value: (object) => String(firstAtPath(object, path) ?? ''),
    })),
    ...(typeof spec === 'string' && typeof status === 'string'
      ? {
          scale: {
            specReplicas: spec,
            statusReplicas: status,
            ...(typeof selector === 'string' ? { labelSelector: selector } : {}),
          },
        }
      : {}),
  };
}

/** What all versions of a definition have in common. */
interface Shared {
  readonly group: string;
  readonly scope: KindDefinition['scope'];
  readonly names: Names;
  /** The version that objects are stored in. */
  readonly storage: string;
  /** False for a definition that has not the form of one: its schemas say nothing that could be checked. */
  readonly isSound: boolean;
  /** Undefined where versions differ in nothing but their names. */
  readonly conversion: WebhookConversion | undefined;
}

function kindOf(shared: Shared, version: Json): KindDefinition | undefined {
  const { group, scope, names, storage, isSound, conversion } = shared;
  const { name, schema, subresources } = version;
  if (typeof name !== 'string') return undefined;
  const source = isRecord(schema) ? schema['openAPIV3Schema'] : undefined;
  const apiVersion = `${group}/${name}`;
  const checked = isSound && isSchema(source) ? source : undefined;
  const kind: KindDefinition = {
    ...names,
    ...behaviourOf(version),
    apiVersion,
    group,
    version: name,
    scope,
    subresources: isRecord(subresources) ? Object.keys(subresources) : [],
    typeName: `${apiVersion}.${names.kind}`,
    served: version['served'] !== false,
    virtual: false,
    custom: true,
    validated: true,
    unconditionalUpdate: false,
    hasGeneration: true,
    schema: customResourceSchema(source ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
    ...deprecationOf(apiVersion, names.kind, version),
    validateCreate(object, issues) {
      if (checked) checkCustomResource(checked, object, undefined, issues);
      checkScale(kind.scale, object, ['specReplicas', 'statusReplicas'], issues);
    },
    validateUpdate(next, previous, issues) {
      if (checked) checkCustomResource(checked, next, previous, issues);
      checkScale(kind.scale, next, ['specReplicas', 'statusReplicas'], issues);
    },
    validateStatusUpdate(next, previous, issues) {
      if (checked) checkCustomResource(checked, next, previous, issues);
      checkScale(kind.scale, next, ['statusReplicas'], issues);
    },
    storedAs: `${group}/${storage}.${names.kind}`,
    ...(conversion === undefined ? {} : { conversion }),
    toStored: (object) => ({ ...object, apiVersion: `${group}/${storage}` }),
    fromStored: (stored) => shownAs(kind, stored),
  };
  return kind;
}

/** Of a definition that is sound. */
function conversionOf(conversion: unknown): WebhookConversion | undefined {
  const webhook = isRecord(conversion) && conversion['strategy'] === 'Webhook' ? conversion['webhook'] : undefined;
  return isConversion(webhook) ? webhook : undefined;
}

function isConversion(webhook: unknown): webhook is WebhookConversion {
  return isRecord(webhook) && Array.isArray(webhook['conversionReviewVersions']);
}

function deprecationOf(apiVersion: string, kind: string, version: Json): Pick<KindDefinition, 'deprecation'> {
  if (version['deprecated'] !== true) return {};
  const own = version['deprecationWarning'];
  return { deprecation: typeof own === 'string' ? own : `${apiVersion} ${kind} is deprecated` };
}

/** What is stored, in a version's own form: with its defaults, and without what its schema does not know (any more). */
function shownAs(kind: KindDefinition, stored: KubeObject): KubeObject {
  const draft = { ...deepClone(stored), apiVersion: kind.apiVersion };
  pruneUnknown(kind, draft);
  applyDefaults(kind, draft);
  // The object itself where nothing changes, because what was made of it is kept with it.
  return deepEqual(draft, stored) ? stored : draft;
}

/** The kinds, one per version, that a CustomResourceDefinition defines; none where it is not sound enough to tell. */
export function definedKinds(definition: unknown): readonly KindDefinition[] {
  const spec = isRecord(definition) ? definition['spec'] : undefined;
  if (!isRecord(spec)) return [];
  const { group, versions } = spec;
  const names = namesOf(spec['names']);
  if (typeof group !== 'string' || !names || !Array.isArray(versions)) return [];
  const scope = spec['scope'] === 'Cluster' ? 'Cluster' : 'Namespaced';
  const isSound = findDecodeError(CustomResourceDefinition, definition) === undefined;
  const all = versions.filter(isRecord);
  const storage = (all.find((version) => version['storage'] === true) ?? all[0])?.['name'];
  const conversion = isSound && versions.length > 1 ? conversionOf(spec['conversion']) : undefined;
  const shared = {
    group,
    scope,
    names,
    storage: typeof storage === 'string' ? storage : '',
    isSound,
    conversion,
  } as const;
  return all.flatMap((version) => kindOf(shared, version) ?? []);
}

/** Those of them that are served. */
export function customResourceKinds(definition: unknown): readonly KindDefinition[] {
  return definedKinds(definition).filter(({ served }) => served);
}

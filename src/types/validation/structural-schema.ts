/** What makes the schema of a custom resource structural (KEP-1693), in the words of apiextensions' schema validation. */
import { deepEqual } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import { pathText } from '../field-issue.ts';
import type { JSONSchemaProps } from '../kinds/generated/apiextensions-v1.gen.ts';
import { goPattern } from './go-regexp.ts';
import { checkAgainstSchema, isSchema, itemSchema, valueSchema } from './json-schema.ts';

type Level = 'root' | 'item' | 'field';

const intOrString = [{ type: 'integer' }, { type: 'string' }];

const missingType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/** Keywords that say something of a value's form, which must not stand below a junctor. */
const formKeywords: readonly (readonly [keyof JSONSchemaProps, 'empty' | 'undefined' | 'false'])[] = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
];

/** True when no junctor, and nothing that the structural form does not have, keeps the rules below from being asked. */
export function hasStructuralForm(schema: JSONSchemaProps): boolean {
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...[itemSchema(schema), valueSchema(schema)].filter((each) => each !== undefined),
  ];
  return (
    !Array.isArray(schema.items) &&
    schema.additionalItems === undefined &&
    Object.keys(schema.patternProperties ?? {}).length === 0 &&
    Object.keys(schema.definitions ?? {}).length === 0 &&
    Object.keys(schema.dependencies ?? {}).length === 0 &&
    schema.$ref === undefined &&
    (schema.id ?? '') === '' &&
    children.every(hasStructuralForm)
  );
}

export function checkStructural(schema: JSONSchemaProps, at: IssueSink, level: Level = 'root'): void {
  const type = schema.type ?? '';
  const items = itemSchema(schema);
  if (type === 'array' && !items) at.at('items').required('must be specified');
  if (items) checkStructural(items, at.at('items'), 'item');
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkStructural(property, at.at('properties', { key: name }), 'field');
  }
  checkMapAndExtensions(schema, at, level);
  const anyOf = schema.anyOf ?? [];
  checkJunctors(schema, at, deepEqual(anyOf, intOrString));
  checkOwnType(schema, at, level);
  if (level === 'root' || schema['x-kubernetes-embedded-resource'] === true) checkObjectFields(schema, at);
  if (schema['x-kubernetes-embedded-resource'] !== true) return;
  if (schema.additionalProperties !== undefined) {
    at.at('additionalProperties').forbidden('must not be used if x-kubernetes-embedded-resource is set');
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] !== true && Object.keys(schema.properties ?? {}).length === 0) {
    at.at('properties').required(
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    );
  }
}

function checkMapAndExtensions(schema: JSONSchemaProps, at: IssueSink, level: Level): void {
  if (schema.additionalProperties !== undefined) {
    if (level === 'root') at.at('additionalProperties').forbidden('must not be used at the root');
    const values = valueSchema(schema);
    if (values) checkStructural(values, at.at('additionalProperties'), 'field');
  }
  if (schema['x-kubernetes-int-or-string'] !== true) return;
  for (const extension of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
    if (schema[extension] === true)
      at.at(extension).invalid(true, 'must be false if x-kubernetes-int-or-string is true');
  }
}

function checkOwnType(schema: JSONSchemaProps, at: IssueSink, level: Level): void {
  const type = schema.type ?? '';
  if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    if (type === '') at.at('type').required(detail);
    else at.at('type').invalid(type, detail);
  } else if (
    type === '' &&
    schema['x-kubernetes-int-or-string'] !== true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  ) {
    at.at('type').required(missingType[level]);
  }
  if (level === 'root' && type !== '' && type !== 'object') at.at('type').invalid(type, 'must be object at the root');
}

/** `kind`, `apiVersion` and `metadata` are what they are; of metadata only the name may be restricted. */
function checkObjectFields(schema: JSONSchemaProps, at: IssueSink): void {
  const properties = schema.properties ?? {};
  for (const name of ['kind', 'apiVersion']) {
    const own = properties[name];
    if (own && own.type !== 'string') {
      at.at('properties', { key: name }, 'type').invalid(own.type ?? '', 'must be string');
    }
  }
  const { metadata } = properties;
  if (!metadata) return;
  const place = at.at('properties', { key: 'metadata' });
  if (metadata.type !== 'object') place.at('type').invalid(metadata.type ?? '', 'must be object');
  const { type: _type, properties: named = {}, default: _default, ...rest } = metadata;
  const others = Object.keys(named).filter((name) => name !== 'name' && name !== 'generateName');
  if (others.length > 0 || Object.keys(rest).length > 0) {
    place.forbidden('must not specify anything other than name and generateName, but metadata is implicitly specified');
  }
}

function checkJunctors(schema: JSONSchemaProps, at: IssueSink, skipAnyOf: boolean): void {
  if (!skipAnyOf) schema.anyOf?.forEach((each, index) => checkNested(each, at.at('anyOf', index), false));
  schema.allOf?.forEach((each, index) =>
    checkNested(each, at.at('allOf', index), index === 0 && deepEqual(each.anyOf, intOrString)),
  );
  schema.oneOf?.forEach((each, index) => checkNested(each, at.at('oneOf', index), false));
  if (schema.not) checkNested(schema.not, at.at('not'), false);
  if (schema.pattern === undefined || schema.pattern === '') return;
  const pattern = goPattern(schema.pattern);
  if ('error' in pattern) {
    at.at('pattern').invalid(schema.pattern, `must be a valid regular expression, but isn't: ${pattern.error}`);
  }
}

function checkNested(schema: JSONSchemaProps, at: IssueSink, skipAnyOf: boolean): void {
  checkJunctors(schema, at, skipAnyOf);
  const items = itemSchema(schema);
  if (items) checkNested(items, at.at('items'), false);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkNested(property, at.at('properties', { key: name }), false);
  }
  for (const [keyword, form] of formKeywords) {
    const value = schema[keyword];
    if (value === undefined || value === '' || value === false) continue;
    at.at(keyword).forbidden(`must be ${form} to be structural`);
  }
  if (schema.properties?.['metadata']) {
    at.at('properties', { key: 'metadata' }).forbidden('must not be specified in a nested context');
  }
}

/** What is restricted below a junctor has to be there above it too. */
export function checkComplete(schema: JSONSchemaProps, at: IssueSink): void {
  for (const { junctor, below } of junctorsOf(schema, at)) checkCovered(schema, junctor, at, below);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkComplete(property, at.at('properties', { key: name }));
  }
  const items = itemSchema(schema);
  if (items) checkComplete(items, at.at('items'));
  const values = valueSchema(schema);
  if (values) checkComplete(values, at.at('additionalProperties'));
}

interface Junctor {
  readonly junctor: JSONSchemaProps;
  readonly below: IssueSink;
}

function junctorsOf(schema: JSONSchemaProps, at: IssueSink): readonly Junctor[] {
  const lists = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).map((junctor, index) => ({ junctor, below: at.at(name, index) })),
  );
  return schema.not ? [...lists, { junctor: schema.not, below: at.at('not') }] : lists;
}

function checkCovered(outer: JSONSchemaProps, inner: JSONSchemaProps, at: IssueSink, below: IssueSink): void {
  for (const [name, property] of Object.entries(inner.properties ?? {})) {
    const own = outer.properties?.[name] ?? valueSchema(outer);
    const place = at.at('properties', { key: name });
    if (own) checkCovered(own, property, place, below.at('properties', { key: name }));
    else if (outer['x-kubernetes-preserve-unknown-fields'] !== true) {
      place.required(`because it is defined in ${pathText(below.path)}.properties[${name}]`);
    }
  }
  const items = itemSchema(inner);
  const own = itemSchema(outer);
  if (items && own) checkCovered(own, items, at.at('items'), below.at('items'));
  else if (items && outer['x-kubernetes-preserve-unknown-fields'] !== true) {
    at.at('items').required(`because it is defined in ${pathText(below.path)}.items`);
  }
  for (const nested of junctorsOf(inner, below)) checkCovered(outer, nested.junctor, at, nested.below);
}

/** Defaults must themselves be valid, and none may stand in what a server fills in. */
export function checkSchemaDefaults(schema: JSONSchemaProps, at: IssueSink): void {
  if (schema.default !== undefined) checkAgainstSchema(schema, schema.default, at.at('default'));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkSchemaDefaults(property, at.at('properties', { key: name }));
  }
  const items = itemSchema(schema);
  if (items) checkSchemaDefaults(items, at.at('items'));
  if (isSchema(schema.additionalProperties)) {
    checkSchemaDefaults(schema.additionalProperties, at.at('additionalProperties'));
  }
}

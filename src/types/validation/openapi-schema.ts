/** What the OpenAPI v3 schema of a custom resource may say at all, keyword by keyword (apiextensions validation). */
import type { IssueSink } from '../field-issue.ts';
import type { JSONSchemaProps } from '../kinds/generated/apiextensions-v1.gen.ts';
import { isSchema, itemSchema, valueSchema } from './json-schema.ts';
import { checkRuleTexts } from './rule-expressions.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Keywords that are not supported, and when they count as used. */
const unsupported: readonly (readonly [keyof JSONSchemaProps, (schema: JSONSchemaProps) => boolean])[] = [
  ['id', ({ id }) => (id ?? '') !== ''],
  ['additionalItems', ({ additionalItems }) => additionalItems !== undefined],
  ['patternProperties', ({ patternProperties }) => Object.keys(patternProperties ?? {}).length > 0],
  ['definitions', ({ definitions }) => Object.keys(definitions ?? {}).length > 0],
  ['dependencies', ({ dependencies }) => dependencies !== undefined],
  ['$ref', ({ $ref }) => $ref !== undefined],
];

export interface SchemaPlace {
  /** Why no default may stand here, as it ends the sentence: `in top-level metadata`. */
  readonly noDefaults?: string;
  readonly insideMetadata?: boolean;
  readonly isRoot?: boolean;
  /** Below items of a list that have no keys. */
  readonly isUncorrelatable?: boolean;
}

export function checkOpenApiSchema(written: JSONSchemaProps | null, at: IssueSink, place: SchemaPlace = {}): void {
  // Go reads a null as a schema that says nothing.
  const schema = written ?? {};
  checkKeywords(schema, at, place);
  const inner: SchemaPlace = { ...place, isRoot: false };
  const values = valueSchema(schema);
  if (schema.additionalProperties !== undefined) {
    const both = Object.keys(schema.properties ?? {}).length > 0 && schema.additionalProperties !== true;
    if (both) at.at('additionalProperties').forbidden('additionalProperties and properties are mutual exclusive');
    if (values) {
      const reason = 'inside additionalProperties applying to object metadata';
      checkOpenApiSchema(
        values,
        at.at('additionalProperties'),
        place.insideMetadata ? { ...inner, noDefaults: reason } : inner,
      );
    }
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMetadata =
      name === 'metadata' && (place.isRoot === true || schema['x-kubernetes-embedded-resource'] === true);
    const noDefaults = place.isRoot === true && isMetadata ? { noDefaults: 'in top-level metadata' } : {};
    const next = isMetadata ? { ...inner, insideMetadata: true, ...noDefaults } : inner;
    checkOpenApiSchema(property, at.at('properties', { key: name }), next);
  }
  if (schema.not) checkOpenApiSchema(schema.not, at.at('not'), inner);
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const) {
    schema[junctor]?.forEach((each, index) => checkOpenApiSchema(each, at.at(junctor, index), inner));
  }
  for (const [name, each] of Object.entries(schema.definitions ?? {})) {
    checkOpenApiSchema(each, at.at('definitions', { key: name }), inner);
  }
  const items = itemSchema(schema);
  if (items) {
    const isLoose = schema['x-kubernetes-list-type'] !== 'map';
    checkOpenApiSchema(items, at.at('items'), isLoose ? { ...inner, isUncorrelatable: true } : inner);
  }
  checkListMap(schema, at);
}

function checkKeywords(schema: JSONSchemaProps, at: IssueSink, place: SchemaPlace): void {
  const type = schema.type ?? '';
  if (schema.default !== undefined && place.noDefaults !== undefined) {
    at.at('default').forbidden(`must not be set ${place.noDefaults}`);
  }
  for (const [keyword, isUsed] of unsupported) {
    if (isUsed(schema)) at.at(keyword).forbidden(`${keyword} is not supported`);
  }
  if (type !== '' && !types.includes(type)) at.at('type').notSupported(type, types);
  if (type === 'null') at.at('type').forbidden('type cannot be set to null, use nullable as an alternative');
  if (Array.isArray(schema.items)) at.at('items').forbidden('items must be a schema object and not an array');
  if (place.insideMetadata === true && schema['x-kubernetes-embedded-resource'] === true) {
    at.at('x-kubernetes-embedded-resource').forbidden('must not be used inside of resource meta');
  }
  if (schema.uniqueItems === true) {
    at.at('uniqueItems').forbidden('uniqueItems cannot be set to true since the runtime complexity becomes quadratic');
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    at.at('x-kubernetes-preserve-unknown-fields').invalid(false, 'must be true or undefined');
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined) {
    checkTypeFor('object', 'x-kubernetes-map-type', type, at);
    if (!['atomic', 'granular'].includes(mapType))
      at.at('x-kubernetes-map-type').notSupported(mapType, ['atomic', 'granular']);
  }
  const rulePlace = { isRoot: place.isRoot === true, isCorrelatable: place.isUncorrelatable !== true };
  checkRuleTexts(schema, rulePlace, at.at('x-kubernetes-validations'));
}

function checkTypeFor(wanted: string, extension: string, type: string, at: IssueSink): boolean {
  if (type === wanted) return true;
  const detail = `must be ${wanted} if ${extension} is specified`;
  if (type === '') at.at('type').required(detail);
  else at.at('type').invalid(type, detail);
  return false;
}

function checkListMap(schema: JSONSchemaProps, at: IssueSink): void {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const items = itemSchema(schema);
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    if (listType === undefined) at.at('x-kubernetes-list-type').required(detail);
    else at.at('x-kubernetes-list-type').invalid(listType, detail);
  }
  if (listType === undefined) return;
  const isList = checkTypeFor('array', 'x-kubernetes-list-type', schema.type ?? '', at);
  if (isList && listType === 'set' && items) checkSetItems(items, at.at('items'));
  if (!['atomic', 'set', 'map'].includes(listType)) {
    at.at('x-kubernetes-list-type').notSupported(listType, ['atomic', 'set', 'map']);
  }
  if (listType === 'map') checkMapKeys(schema, keys, items, at);
  if ((listType === 'map' || listType === 'set') && items?.nullable === true) {
    at.at('items', 'nullable').forbidden(`cannot be nullable when x-kubernetes-list-type is ${listType}`);
  }
}

function checkSetItems(items: JSONSchemaProps, at: IssueSink): void {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  if (items.type === 'array') {
    const own = items['x-kubernetes-list-type'];
    if (own !== undefined && own !== 'atomic') at.at('x-kubernetes-list-type').invalid(own, detail);
  } else if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    at.at('x-kubernetes-map-type').invalid(items['x-kubernetes-map-type'], detail);
  }
}

function checkMapKeys(
  schema: JSONSchemaProps,
  keys: readonly string[],
  items: JSONSchemaProps | undefined,
  at: IssueSink,
): void {
  if (keys.length === 0) {
    at.at('x-kubernetes-list-map-keys').required('must not be empty if x-kubernetes-list-type is map');
  }
  if (schema.items === undefined) at.at('items').required('must have a schema if x-kubernetes-list-type is map');
  else if (!isSchema(schema.items)) {
    at.at('items').invalid(schema.items, 'must only have a single schema if x-kubernetes-list-type is map');
  }
  if (!items) return;
  if (items.type !== 'object') {
    at.at('items', 'type').invalid(items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map");
    return;
  }
  const list = at.at('x-kubernetes-list-map-keys');
  keys.forEach((key, index) => {
    const property = items.properties?.[key];
    if (!property) list.invalid(keys, 'entries must all be names of item properties');
    else checkMapKey(property, (items.required ?? []).includes(key), at.at('items', 'properties', { key }));
    if (keys.indexOf(key) !== index) list.invalid(keys, 'must not contain duplicate entries');
  });
}

function checkMapKey(property: JSONSchemaProps, isRequired: boolean, at: IssueSink): void {
  if (property.type === 'array' || property.type === 'object') {
    at.at('type').invalid(property.type, "must be a scalar type if parent array's x-kubernetes-list-type is map");
  }
  if (!isRequired && property.default === undefined) {
    at.at('default').required(
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    );
  }
  if (property.nullable === true) {
    at.at('nullable').forbidden('this property is in x-kubernetes-list-map-keys, so it cannot be nullable');
  }
}

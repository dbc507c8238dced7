/** What the schema of a custom resource demands of values besides their types (apiextensions-apiserver, kube-openapi validate). */
import { isRecord } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import { pathText } from '../field-issue.ts';
import type { Schema } from '../schema.ts';

/** Patterns are the author's and may be none that JavaScript knows; those are not checked. */
const patterns = new Map<string, RegExp | undefined>();
const mostPatterns = 1_000;

function patternOf(source: string): RegExp | undefined {
  if (patterns.has(source)) return patterns.get(source);
  if (patterns.size >= mostPatterns) patterns.clear();
  let pattern: RegExp | undefined;
  try {
    pattern = new RegExp(source, 'u');
  } catch {
    // Go's syntax has what JavaScript's has not.
    pattern = undefined;
  }
  patterns.set(source, pattern);
  return pattern;
}

/** Longer texts are not matched: a pattern may take exponential time. */
const longestMatched = 10_000;

function checkText(schema: Schema, value: string, at: IssueSink): void {
  const where = pathText(at.path);
  const { minLength, maxLength, pattern, format } = schema;
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength) at.tooLong(value, maxLength);
  if (minLength !== undefined && length < minLength)
    at.invalid(value, `${where} in body should be at least ${minLength} chars long`);
  if (pattern !== undefined && value.length <= longestMatched && patternOf(pattern)?.test(value) === false)
    at.invalid(value, `${where} in body should match '${pattern}'`);
  if (format === 'date-time' && Number.isNaN(Date.parse(value)))
    at.invalid(value, `${where} in body must be of type date-time: ${JSON.stringify(value)}`);
}

function checkNumber(schema: Schema, value: number, at: IssueSink): void {
  const where = pathText(at.path);
  const { minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false, multipleOf } = schema;
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    at.invalid(value, `${where} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    at.invalid(value, `${where} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (multipleOf !== undefined && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9)
    at.invalid(value, `${where} in body should be a multiple of ${multipleOf}`);
}

function checkList(schema: Schema, value: readonly unknown[], at: IssueSink): void {
  const { minItems, maxItems, items, listType, listMapKeys = [] } = schema;
  const where = pathText(at.path);
  if (maxItems !== undefined && value.length > maxItems) at.tooMany(value.length, maxItems);
  if (minItems !== undefined && value.length < minItems)
    at.invalid(value, `${where} in body should have at least ${minItems} items`);
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const identity =
      listType === 'set' || schema.uniqueItems === true
        ? JSON.stringify(item)
        : listType === 'map' && isRecord(item)
          ? JSON.stringify(listMapKeys.map((key) => item[key] ?? items?.properties?.[key]?.default))
          : undefined;
    if (identity !== undefined && seen.has(identity)) at.at(index).duplicate(item);
    else if (identity !== undefined) seen.add(identity);
    if (items) checkSchemaValues(items, item, at.at(index));
  });
}

function checkObject(schema: Schema, value: Record<string, unknown>, at: IssueSink): void {
  const { required = [], properties = {}, items, minProperties, maxProperties } = schema;
  const where = pathText(at.path);
  const count = Object.keys(value).length;
  if (maxProperties !== undefined && count > maxProperties) at.tooMany(count, maxProperties);
  if (minProperties !== undefined && count < minProperties)
    at.invalid(value, `${where} in body should have at least ${minProperties} properties`);
  for (const name of required) if (value[name] === undefined) at.at(name).required();
  for (const [name, child] of Object.entries(value)) {
    const property = schema.type === 'map' ? items : properties[name];
    if (property) checkSchemaValues(property, child, at.at(schema.type === 'map' ? { key: name } : name));
  }
}

/** Complains of values that have the right type but are none that the schema allows. */
export function checkSchemaValues(schema: Schema, value: unknown, at: IssueSink): void {
  if (value === undefined || value === null) return;
  if (schema.enum && typeof value === 'string' && !schema.enum.includes(value)) at.notSupported(value, schema.enum);
  if (typeof value === 'string') checkText(schema, value, at);
  else if (typeof value === 'number') checkNumber(schema, value, at);
  else if (Array.isArray(value)) checkList(schema, value, at);
  else if (isRecord(value) && (schema.type === 'object' || schema.type === 'map')) checkObject(schema, value, at);
}

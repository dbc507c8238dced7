/** Values against the JSON schema of a custom resource, with the server's words (kube-openapi validation). */
import type { JsonValue } from '../../shared/deep.ts';
import { deepEqual, isRecord } from '../../shared/deep.ts';
import type { FieldPath, IssueSink, PathSegment } from '../field-issue.ts';
import { collectIssues, pathText } from '../field-issue.ts';
import type { JSONSchemaProps } from '../kinds/generated/apiextensions-v1.gen.ts';
import { MatchTooDear, boundedMatch } from './bounded-match.ts';
import { goPattern } from './go-regexp.ts';
import { isFormat } from './formats.ts';

/** Where a schema stands that may also be a list or a boolean. Types have been checked before. */
export function isSchema(value: unknown): value is JSONSchemaProps {
  return isRecord(value);
}

export function itemSchema(schema: JSONSchemaProps): JSONSchemaProps | undefined {
  return isSchema(schema.items) ? schema.items : undefined;
}

export function valueSchema(schema: JSONSchemaProps): JSONSchemaProps | undefined {
  return isSchema(schema.additionalProperties) ? schema.additionalProperties : undefined;
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function hasType(value: JsonValue, type: string): boolean {
  const own = typeOf(value);
  return own === type || (type === 'number' && own === 'integer');
}

/** One value at one place: `names` is the way from the root, which messages spell out. */
class SchemaCheck {
  readonly #root: IssueSink;

  constructor(root: IssueSink) {
    this.#root = root;
  }

  /** `previous` is what stood there before an update: what has not changed is not held against it (KEP-4008). */
  visit(schema: JSONSchemaProps, value: JsonValue, names: FieldPath, previous?: JsonValue): void {
    if (value === null && schema.nullable === true) return;
    if (previous !== undefined && deepEqual(value, previous)) return;
    if (!this.#checkType(schema, value, names)) return;
    this.#checkEnum(schema, value, names);
    if (typeof value === 'string') this.#checkText(schema, value, names);
    else if (typeof value === 'number') this.#checkNumber(schema, value, names);
    else if (Array.isArray(value)) this.#checkList(schema, value, names, previous);
    else if (isRecord(value)) this.#checkObject(schema, value, names, previous);
    this.#checkJunctors(schema, value, names);
  }

  #at(names: FieldPath): IssueSink {
    return names.length === 0 ? this.#root : this.#root.at(...names);
  }

  #say(names: FieldPath, value: unknown, text: string): void {
    this.#at(names).invalid(value, `${pathText(names)} in body ${text}`);
  }

  #checkType(schema: JSONSchemaProps, value: JsonValue, names: FieldPath): boolean {
    const type = schema.type ?? '';
    const wanted = schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : type === '' ? [] : [type];
    if (wanted.length === 0 || wanted.some((each) => hasType(value, each))) return true;
    const own = typeOf(value);
    this.#at(names).typeInvalid(own, `${pathText(names)} in body must be of type ${wanted.join(',')}: "${own}"`);
    return false;
  }

  #checkEnum(schema: JSONSchemaProps, value: JsonValue, names: FieldPath): void {
    if (!schema.enum || schema.enum.some((each) => deepEqual(each, value))) return;
    const supported = schema.enum.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
    this.#at(names).notSupported(value, supported);
  }

  #checkText(schema: JSONSchemaProps, text: string, names: FieldPath): void {
    const length = [...text].length;
    if (schema.maxLength !== undefined && length > schema.maxLength) this.#at(names).tooLong(text, schema.maxLength);
    if (schema.minLength !== undefined && length < schema.minLength) {
      this.#say(names, text, `should be at least ${schema.minLength} chars long`);
    }
    if (schema.pattern !== undefined && schema.pattern !== '') this.#checkPattern(schema.pattern, text, names);
    if (!isFormat(schema.format ?? '', text)) {
      this.#say(names, text, `must be of type ${schema.format ?? ''}: ${JSON.stringify(text)}`);
    }
  }

  #checkPattern(pattern: string, text: string, names: FieldPath): void {
    const known = goPattern(pattern);
    if ('error' in known) return;
    try {
      if (!boundedMatch(known.regex, text, () => known.regex.test(text)))
        this.#say(names, text, `should match '${pattern}'`);
    } catch (error) {
      if (!(error instanceof MatchTooDear)) throw error;
      this.#say(names, text, `should match '${pattern}', but ${error.message}`);
    }
  }

  #checkNumber(schema: JSONSchemaProps, value: number, names: FieldPath): void {
    const { minimum, maximum, multipleOf } = schema;
    if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
      this.#say(
        names,
        value,
        `should be less than ${schema.exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`,
      );
    }
    if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
      this.#say(
        names,
        value,
        `should be greater than ${schema.exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`,
      );
    }
    if (multipleOf !== undefined && multipleOf > 0 && !isMultiple(value, multipleOf)) {
      this.#say(names, value, `should be a multiple of ${multipleOf}`);
    }
    const limit = schema.format === 'int32' ? 2 ** 31 : undefined;
    if (limit !== undefined && (value >= limit || value < -limit)) {
      this.#say(names, value, `must be of type int32: "${value}"`);
    }
  }

  #checkList(schema: JSONSchemaProps, list: readonly JsonValue[], names: FieldPath, previous?: JsonValue): void {
    const items = itemSchema(schema);
    if (items) {
      const before = correlate(schema, previous);
      list.forEach((item, index) => this.visit(items, item, [...names, index], before(item)));
    }
    if (schema.minItems !== undefined && list.length < schema.minItems) {
      this.#say(names, list.length, `should have at least ${schema.minItems} items`);
    }
    if (schema.maxItems !== undefined && list.length > schema.maxItems) {
      this.#at(names).tooMany(list.length, schema.maxItems);
    }
    if (
      schema.uniqueItems === true &&
      list.some((item, i) => list.slice(0, i).some((other) => deepEqual(item, other)))
    ) {
      this.#say(names, list, "shouldn't contain duplicates");
    }
    const type = schema['x-kubernetes-list-type'];
    if (type === 'set' || type === 'map') this.#checkDuplicates(schema, list, names);
  }

  #checkDuplicates(schema: JSONSchemaProps, list: readonly JsonValue[], names: FieldPath): void {
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    const byKeys = (item: JsonValue): JsonValue =>
      schema['x-kubernetes-list-type'] === 'map' && isRecord(item)
        ? Object.fromEntries(keys.filter((key) => key in item).map((key) => [key, item[key] ?? null]))
        : item;
    const seen = new Set<string>();
    list.forEach((item, index) => {
      const key = byKeys(item);
      const text = canonicalText(key);
      if (seen.has(text)) this.#at([...names, index]).duplicate(key);
      seen.add(text);
    });
  }

  #checkObject(
    schema: JSONSchemaProps,
    object: { readonly [key: string]: JsonValue },
    names: FieldPath,
    previous?: JsonValue,
  ): void {
    const count = Object.keys(object).length;
    if (schema.minProperties !== undefined && count < schema.minProperties) {
      this.#say(names, count, `should have at least ${schema.minProperties} properties`);
    }
    if (schema.maxProperties !== undefined && count > schema.maxProperties) {
      this.#at(names).tooMany(count, schema.maxProperties);
    }
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(object, name)) this.#at([...names, name]).required();
    }
    if (schema['x-kubernetes-embedded-resource'] === true) this.#checkEmbedded(object, names);
    const rest = valueSchema(schema);
    const before = isRecord(previous) ? previous : {};
    for (const [key, value] of Object.entries(object)) {
      const own = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : rest;
      const place: PathSegment[] = [...names, key];
      if (own) this.visit(own, value, place, Object.hasOwn(before, key) ? before[key] : undefined);
    }
  }

  /** An object inside an object says what it is (apiextensions, schema/objectmeta). */
  #checkEmbedded(object: { readonly [key: string]: JsonValue }, names: FieldPath): void {
    for (const name of ['apiVersion', 'kind']) {
      const own = object[name];
      if (typeof own !== 'string' || own === '') this.#at([...names, name]).required('must not be empty');
    }
  }

  #checkJunctors(schema: JSONSchemaProps, value: JsonValue, names: FieldPath): void {
    const place = JSON.stringify(pathText(names));
    const faults = (each: JSONSchemaProps): number => countFaults(each, value);
    const closest = (all: readonly JSONSchemaProps[]): void => {
      const best = [...all].sort((a, b) => faults(a) - faults(b))[0];
      if (best) this.visit(best, value, names);
    };
    const { anyOf = [], oneOf = [], allOf = [], not } = schema;
    if (anyOf.length > 0 && anyOf.every((each) => faults(each) > 0)) {
      this.#root.invalid('', `${place} must validate at least one schema (anyOf)`);
      closest(anyOf);
    }
    const valid = oneOf.filter((each) => faults(each) === 0).length;
    if (oneOf.length > 0 && valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
      this.#root.invalid('', `${place} must validate one and only one schema (oneOf). ${found}`);
      if (valid === 0) closest(oneOf);
    }
    if (allOf.some((each) => faults(each) > 0)) {
      this.#root.invalid('', `${place} must validate all the schemas (allOf)`);
      for (const each of allOf) this.visit(each, value, names);
    }
    if (not && faults(not) === 0) this.#root.invalid('', `${place} must not validate the schema (not)`);
  }
}

/** The same text for equal values, in whatever order their fields stand. */
function canonicalText(value: JsonValue): string {
  return JSON.stringify(value, (_key, child: unknown) =>
    isRecord(child) ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1))) : child,
  );
}

function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  return Math.abs(times - Math.round(times)) < 1e-9;
}

function countFaults(schema: JSONSchemaProps, value: JsonValue): number {
  return collectIssues((issues) => new SchemaCheck(issues).visit(schema, value, [])).length;
}

/** Finds what an item of a list was before: in a list of type map, the item with the same keys. */
export function correlate(
  schema: JSONSchemaProps,
  previous: JsonValue | undefined,
): (item: JsonValue) => JsonValue | undefined {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (!Array.isArray(previous) || schema['x-kubernetes-list-type'] !== 'map') return () => undefined;
  const before: readonly JsonValue[] = previous;
  const identity = (item: JsonValue): string =>
    JSON.stringify(keys.map((key) => (isRecord(item) ? (item[key] ?? null) : null)));
  const known = new Map(before.map((item) => [identity(item), item]));
  return (item) => known.get(identity(item));
}

/** Complains at `root` about a value that its schema does not allow; `previous` is what an update replaces. */
export function checkAgainstSchema(
  schema: JSONSchemaProps,
  value: JsonValue,
  root: IssueSink,
  previous?: JsonValue,
): void {
  new SchemaCheck(root).visit(schema, value, [], previous);
}

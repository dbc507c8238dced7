/** x-kubernetes-validations: the expressions in the schema of a custom resource (KEP-2876), with ratcheting (KEP-4008). */
import type { JsonValue } from '../../shared/deep.ts';
import { deepEqual, isRecord } from '../../shared/deep.ts';
import { CelBudget, CelError, compile } from '../cel/expression.ts';
import type { CelExpression } from '../cel/expression.ts';
import type { VariableTypes } from '../cel/environment.ts';
import { celValue, optionalValue } from '../cel/values.ts';
import type { CelValue } from '../cel/values.ts';
import type { FieldPath, IssueSink } from '../field-issue.ts';
import type { JSONSchemaProps, ValidationRule } from '../kinds/generated/apiextensions-v1.gen.ts';
import { correlate, itemSchema, valueSchema } from './json-schema.ts';

interface Rule {
  readonly source: ValidationRule;
  readonly condition: CelExpression | CelError;
  readonly message: CelExpression | undefined;
  /** Whether it compares with what was there before, and so is asked of updates only. */
  readonly isTransition: boolean;
}

/** What the expressions of a rule speak of. */
export function ruleVariables({ optionalOldSelf }: ValidationRule): VariableTypes {
  return { self: 'dyn', oldSelf: optionalOldSelf === true ? 'optional<dyn>' : 'dyn' };
}

const MOST_MESSAGE_BYTES = 5120;

/** Rules are compiled once per schema, which is never changed in place. */
const compiled = new WeakMap<JSONSchemaProps, readonly Rule[]>();
const found = new WeakMap<JSONSchemaProps, boolean>();

function attempt(text: string, variables: VariableTypes): CelExpression | CelError {
  try {
    return compile(text, variables);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

function rulesOf(schema: JSONSchemaProps): readonly Rule[] {
  const sources = schema['x-kubernetes-validations'] ?? [];
  if (sources.length === 0) return [];
  const known = compiled.get(schema);
  if (known) return known;
  const rules = sources.map((source): Rule => {
    const variables = ruleVariables(source);
    const condition = attempt(source.rule ?? '', variables);
    const text = source.messageExpression ?? '';
    const message = text === '' ? undefined : attempt(text, variables);
    return {
      source,
      condition,
      message: message instanceof CelError ? undefined : message,
      isTransition: !(condition instanceof CelError) && condition.names.has('oldSelf'),
    };
  });
  compiled.set(schema, rules);
  return rules;
}

function childrenOf(schema: JSONSchemaProps): readonly JSONSchemaProps[] {
  const single = [itemSchema(schema), valueSchema(schema)].filter((child) => child !== undefined);
  return [...Object.values(schema.properties ?? {}), ...single];
}

export function hasRules(schema: JSONSchemaProps): boolean {
  const known = found.get(schema);
  if (known !== undefined) return known;
  const has = (schema['x-kubernetes-validations'] ?? []).length > 0 || childrenOf(schema).some(hasRules);
  found.set(schema, has);
  return has;
}

/** Asks the rules of a schema that `value` fits; `previous` is what an update replaces. */
export function checkRules(
  schema: JSONSchemaProps,
  value: JsonValue,
  previous: JsonValue | undefined,
  root: IssueSink,
): void {
  new RuleWalk(root).visit(schema, value, previous, []);
}

class RuleWalk {
  readonly #root: IssueSink;
  readonly #budget = new CelBudget();

  constructor(root: IssueSink) {
    this.#root = root;
  }

  visit(schema: JSONSchemaProps, value: JsonValue, previous: JsonValue | undefined, path: FieldPath): void {
    if (value === null || !hasRules(schema)) return;
    this.#ask(schema, value, previous, path);
    if (Array.isArray(value)) {
      const items = itemSchema(schema);
      const list: readonly JsonValue[] = value;
      const before = correlate(schema, previous);
      if (items) list.forEach((item, index) => this.visit(items, item, before(item), [...path, index]));
      return;
    }
    if (!isRecord(value)) return;
    const old = isRecord(previous) ? previous : {};
    const rest = valueSchema(schema);
    for (const [key, child] of Object.entries(value)) {
      const before = Object.hasOwn(old, key) ? old[key] : undefined;
      const own = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
      if (own) this.visit(own, child, before, [...path, key]);
      else if (rest) this.visit(rest, child, before, [...path, { key }]);
    }
  }

  #ask(schema: JSONSchemaProps, value: JsonValue, previous: JsonValue | undefined, path: FieldPath): void {
    const rules = rulesOf(schema);
    if (rules.length === 0) return;
    const self = celValue(value, schema);
    const old = previous === undefined || previous === null ? undefined : celValue(previous, schema);
    // What has not changed is not asked again, except for how it changed.
    const unchanged = previous !== undefined && deepEqual(value, previous);
    for (const rule of rules) {
      if (rule.isTransition ? old === undefined && rule.source.optionalOldSelf !== true : unchanged) continue;
      const oldSelf = rule.source.optionalOldSelf === true ? optionalValue(old) : old;
      this.#askOne(rule, schema, { self, ...(oldSelf === undefined ? {} : { oldSelf }) }, path);
    }
  }

  #askOne(rule: Rule, schema: JSONSchemaProps, values: Readonly<Record<string, CelValue>>, path: FieldPath): void {
    const { condition, source } = rule;
    const at = this.#at([...path, ...fieldPathOf(source.fieldPath)]);
    const type = typeText(schema);
    if (condition instanceof CelError) {
      at.invalid(type, `rule compile error: compilation failed: ${condition.message}`);
      return;
    }
    try {
      if (condition.evaluate(values, this.#budget) === true) return;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      const text = source.message ?? source.rule ?? '';
      at.invalid(type, `${error.message} evaluating rule: ${text}`);
      return;
    }
    refuse(at, source.reason, type, this.#messageOf(rule, values));
  }

  #messageOf({ source, message }: Rule, values: Readonly<Record<string, CelValue>>): string {
    const plain = source.message ?? '';
    const fallback = plain === '' ? `failed rule: ${(source.rule ?? '').trim()}` : plain;
    if (!message) return fallback;
    try {
      const text = message.evaluate(values, this.#budget);
      if (typeof text !== 'string' || text.trim() === '' || text.includes('\n')) return fallback;
      return Buffer.byteLength(text) > MOST_MESSAGE_BYTES ? fallback : text.trim();
    } catch (error) {
      if (error instanceof CelError) return fallback;
      throw error;
    }
  }

  #at(path: FieldPath): IssueSink {
    return path.length === 0 ? this.#root : this.#root.at(...path);
  }
}

function typeText(schema: JSONSchemaProps): string {
  return schema.type ?? '';
}

function refuse(at: IssueSink, reason: string | undefined, type: string, message: string): void {
  switch (reason) {
    case 'FieldValueRequired':
      at.required(message);
      return;
    case 'FieldValueForbidden':
      at.forbidden(message);
      return;
    case 'FieldValueDuplicate':
      at.duplicate(type);
      return;
    default:
      at.invalid(type, message);
  }
}

/** `.spec.x`, `['a.b']`: where below the rule's own place the fault is told. */
export function fieldPathOf(text: string | undefined): FieldPath {
  const path: string[] = [];
  for (const [, plain, quoted] of (text ?? '').matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)) {
    path.push(plain ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1'));
  }
  return path;
}

/** Whether the rules in the schema of a custom resource can be read at all (apiextensions validation, ValidationRule). */
import { CelError, compile, compileIn } from '../cel/expression.ts';
import type { CelExpression } from '../cel/expression.ts';
import { schemaEnvironment } from '../cel/schema-environment.ts';
import type { IssueSink } from '../field-issue.ts';
import type { JSONSchemaProps, ValidationRule } from '../kinds/generated/apiextensions-v1.gen.ts';
import { checkOptionalOneOf, isBlank } from './field-checks.ts';
import { valueSchema } from './json-schema.ts';
import { fieldPathOf, ruleVariables } from './schema-rules.ts';

const reasons = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate'];

export interface RulePlace {
  readonly isRoot: boolean;
  /** Whether a value here can be told to be the same one as before an update. */
  readonly isCorrelatable: boolean;
}

export function checkRuleTexts(schema: JSONSchemaProps, place: RulePlace, at: IssueSink): void {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return;
  const typed = lazily(() => schemaEnvironment(schema, place.isRoot));
  rules.forEach((rule, index) => checkRule(rule, schema, place, typed, at.at(index)));
}

type Typed = () => ReturnType<typeof schemaEnvironment>;

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function checkRule(rule: ValidationRule, schema: JSONSchemaProps, place: RulePlace, typed: Typed, at: IssueSink): void {
  const { rule: text = '', message, messageExpression, reason, fieldPath, optionalOldSelf } = rule;
  if (text.trim() === '') at.at('rule').required('rule is not specified');
  if (message !== undefined && message !== '' && message.trim() === '') {
    at.at('message').invalid(message, 'message must be non-empty if specified');
  }
  if (message?.includes('\n')) at.at('message').invalid(message, 'message must not contain line breaks');
  else if (isBlank(message) && text.includes('\n')) {
    at.at('message').required('message must be specified if rule contains line breaks');
  }
  checkOptionalOneOf(reason, reasons, at.at('reason'));
  if (fieldPath !== undefined && !existsBelow(schema, fieldPath)) {
    at.at('fieldPath').invalid(fieldPath, 'fieldPath must be a valid path');
  }
  const condition = text.trim() === '' ? undefined : checked(text, rule, typed, at.at('rule'));
  if (condition) {
    if (condition.type !== 'bool' && condition.type !== 'dyn') {
      at.at('rule').invalid(rule, 'cel expression must evaluate to a bool');
    }
    const usesOld = condition.names.has('oldSelf');
    if (usesOld && !place.isCorrelatable) {
      at.at('rule').invalid(rule, 'oldSelf cannot be used on the uncorrelatable portion of the schema');
    }
    if (optionalOldSelf !== undefined && !usesOld) {
      at.at('optionalOldSelf').invalid(optionalOldSelf, 'may not be set if oldSelf is not used in rule');
    }
  }
  if (isBlank(messageExpression)) return;
  const told = checked(messageExpression, rule, typed, at.at('messageExpression'));
  if (told && told.type !== 'string' && told.type !== 'dyn') {
    at.at('messageExpression').invalid(rule, 'messageExpression must evaluate to a string');
  }
}

/** Types are taken from the schema for the names of fields; for the rest the value decides, as in conversions that only it can tell. */
function checked(text: string, rule: ValidationRule, typed: Typed, at: IssueSink): CelExpression | undefined {
  try {
    const expression = compile(text, ruleVariables(rule));
    if (rule.optionalOldSelf !== true) unknownFields(text, typed);
    return expression;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    at.invalid(rule, `compilation failed: ${error.message}`);
    return undefined;
  }
}

/** @throws CelError that names a field which the schema does not have */
function unknownFields(text: string, typed: Typed): void {
  try {
    compileIn(typed(), text);
  } catch (error) {
    if (!(error instanceof CelError) || error.code === 'no_such_key') throw error;
  }
}

function existsBelow(schema: JSONSchemaProps, path: string): boolean {
  const steps = fieldPathOf(path);
  let holder = schema;
  for (const step of steps) {
    const next: JSONSchemaProps | undefined = holder.properties?.[String(step)] ?? valueSchema(holder);
    if (!next) return false;
    holder = next;
  }
  return steps.length > 0;
}

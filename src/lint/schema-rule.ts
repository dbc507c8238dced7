/** Rules of one's own written as JSON Schema: what the schema does not allow is what they find. */
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { JsonObject } from '../shared/deep.ts';
import type { FieldPath, PathSegment } from '../types/field-issue.ts';
import { ConfigError } from './config.ts';
import type { LintRule, RuleFinding, RuleId, Severity } from './rule.ts';

export interface SchemaRule {
  readonly id: RuleId;
  readonly severity?: Severity;
  /** Kinds that the rule is for; without, all. */
  readonly kinds?: readonly string[];
  /** JSON Schema (draft 7) of the whole object, as its author wrote it. */
  readonly schema: JsonObject;
  /** What to say instead of the schema's own complaint. */
  readonly message?: string;
  readonly summary?: string;
  readonly why?: string;
}

function pathOf(pointer: string, root: unknown): FieldPath {
  const path: PathSegment[] = [];
  let value = root;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return path;
}

function findingOf(error: ErrorObject, object: unknown, message: string | undefined): RuleFinding {
  const path = pathOf(error.instancePath, object);
  const extra: unknown = error.params['additionalProperty'];
  return {
    path: typeof extra === 'string' ? [...path, extra] : path,
    message: message ?? error.message ?? 'is not allowed by the schema of the rule',
    ...(typeof extra === 'string' ? { part: 'key' } : {}),
  };
}

/** @throws ConfigError for what is no JSON Schema */
export function schemaRule(rule: SchemaRule): LintRule {
  const { id, severity = 'warning', kinds, schema, message, summary = '', why = '' } = rule;
  let validate: ValidateFunction;
  try {
    validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
  } catch (error) {
    throw new ConfigError(`the schema of the rule ${id}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    id,
    severity,
    recommended: true,
    summary,
    why,
    bad: '',
    good: '',
    appliesTo: () => true,
    *check({ object }) {
      if (kinds?.includes(object.kind) === false || validate(object)) return;
      for (const error of validate.errors ?? []) yield findingOf(error, object, message);
    },
  };
}

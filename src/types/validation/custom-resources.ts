/** What the API server refuses of a custom resource: its schema, then the rules in it (apiextensions, registry/customresource). */
import type { JsonValue } from '../../shared/deep.ts';
import type { ScalePaths } from '../define-kind.ts';
import type { FieldIssue, IssueSink } from '../field-issue.ts';
import { collectIssues } from '../field-issue.ts';
import type { JSONSchemaProps } from '../kinds/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from '../meta.ts';
import { firstAtPath } from '../simple-json-path.ts';
import { MAX_INT32 } from './field-checks.ts';
import { checkAgainstSchema } from './json-schema.ts';
import { checkRules, hasRules } from './schema-rules.ts';

/** Faults after which an expression might meet values that its schema does not allow. */
const blocking: ReadonlySet<FieldIssue['reason']> = new Set([
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const isValue = (value: unknown): value is JsonValue => value !== undefined;

/** An object whose fields have JSON's types already. */
function jsonOf(object: KubeObject): JsonValue {
  return isValue(object) ? object : null;
}

/** What the scale subresource reads has to be a count (apiextensions, customResourceValidator.ValidateScale). */
export function checkScale(
  scale: ScalePaths | undefined,
  object: KubeObject,
  parts: readonly ('specReplicas' | 'statusReplicas')[],
  issues: IssueSink,
): void {
  for (const part of parts) {
    const path = scale?.[part];
    if (path === undefined) continue;
    const at = issues.at(path);
    const value = firstAtPath(object, path) ?? 0;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      const type = typeof value === 'number' ? 'float64' : typeof value;
      at.invalid(
        0,
        `${path} accessor error: ${typeof value === 'string' ? value : JSON.stringify(value)} is of the type ${type}, expected int64`,
      );
    } else if (value < 0) at.invalid(value, 'should be a non-negative integer');
    else if (value > MAX_INT32) at.invalid(value, `should be less than or equal to ${MAX_INT32}`);
  }
}

export function checkCustomResource(
  schema: JSONSchemaProps,
  object: KubeObject,
  previous: KubeObject | undefined,
  issues: IssueSink,
): void {
  const value = jsonOf(object);
  const before = previous && jsonOf(previous);
  const check = (sink: IssueSink): void => checkAgainstSchema(schema, value, sink, before);
  check(issues);
  if (!hasRules(schema)) return;
  if (collectIssues(check).some(({ reason }) => blocking.has(reason))) {
    const text =
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
    issues.at('<nil>').invalid(null, text);
  } else checkRules(schema, value, before, issues);
}

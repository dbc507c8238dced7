/** What the API server refuses of a custom resource: its schema, then the rules in it (apiextensions, registry/customresource). */
import type { JsonValue } from '../../shared/deep.ts';
import type { FieldIssue, IssueSink } from '../field-issue.ts';
import { collectIssues } from '../field-issue.ts';
import type { JSONSchemaProps } from '../kinds/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from '../meta.ts';
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

/**
 * What another version of Kubernetes than the newest would say. The rules are those of the newest; what is told here besides is
 * what the older one does not have yet, and what is left out is what only newer ones have removed or deprecated.
 */
import type { CheckedObject, Finding } from '../compiler/check.ts';
import { isRecord } from '../shared/deep.ts';
import { pathText } from '../types/field-issue.ts';
import type { FieldPath } from '../types/field-issue.ts';
import { deprecatedApi, removedApi } from '../types/removed-apis.ts';
import { builtInSchemas } from '../types/schema-table.ts';
import type { Schema } from '../types/schema.ts';
import { fieldSince, kindSince, newestMinor, oldestMinor } from '../types/since.ts';
import type { Since } from '../types/since.ts';

/** The minor version of `1.33`, `v1.33` or `1.33.4`; undefined for what is no version that is known. */
export function targetMinor(version: string): number | undefined {
  const minor = /^v?1\.(\d+)(?:\.\d+)?$/.exec(version.trim())?.[1];
  if (minor === undefined || Number(minor) < oldestMinor || Number(minor) > newestMinor) return undefined;
  return Number(minor);
}

export const targetVersions: readonly string[] = Array.from(
  { length: newestMinor - oldestMinor + 1 },
  (_, index) => `1.${oldestMinor + index}`,
);

function isLater(version: string, minor: number): boolean {
  return Number(version.split('.')[1]) > minor;
}

function notYet(fieldPath: FieldPath, what: string, { text }: Since, minor: number): Finding {
  const message = `${what} came with Kubernetes ${text}; the target 1.${minor} does not have it`;
  const layer = fieldPath.length === 1 && fieldPath[0] === 'apiVersion' ? 'identity' : 'structure';
  return { severity: 'error', layer, code: 'not-in-version', message, path: pathText(fieldPath), fieldPath };
}

/** Fields that the target does not know: its API server drops them, or refuses them under strict validation. */
function* youngFields(
  value: unknown,
  schema: Schema,
  typeName: string,
  minor: number,
  path: FieldPath,
): Iterable<Finding> {
  if (schema.type === 'ref' && schema.ref !== undefined) {
    yield* youngFields(value, builtInSchemas.resolve(schema.ref), schema.ref, minor, path);
  } else if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return;
    for (const [index, item] of value.entries()) yield* youngFields(item, items, typeName, minor, [...path, index]);
  } else if (isRecord(value)) {
    for (const [name, child] of Object.entries(value)) {
      if (child === null) continue;
      const at = [...path, schema.type === 'map' ? { key: name } : name];
      const since = schema.type === 'object' ? fieldSince(typeName, name) : undefined;
      const below = schema.type === 'object' ? schema.properties?.[name] : schema.items;
      if (since && since.earliest > minor) yield notYet(at, `the field ${name}`, since, minor);
      else if (below) yield* youngFields(child, below, typeName, minor, at);
    }
  }
}

/** A version that was removed later than the target is only deprecated there. */
function asSeenBy(finding: Finding, { apiVersion, kind }: CheckedObject['object'], minor: number): readonly Finding[] {
  if (finding.code === 'deprecated-api') return deprecatedApi(apiVersion, kind, minor) === undefined ? [] : [finding];
  if (finding.code !== 'removed-api') return [finding];
  const removed = removedApi(apiVersion, kind);
  if (!removed || !isLater(removed.removedIn, minor)) return [finding];
  const { removedIn, replacement } = removed;
  const since = replacement === undefined ? undefined : kindSince(`${replacement}.${kind}`);
  const instead = replacement === undefined || (since && since.latest > minor) ? '' : `; use ${replacement}`;
  const message = `${apiVersion} ${kind} is deprecated: Kubernetes ${removedIn} removes it${instead}`;
  return [{ ...finding, code: 'deprecated-api', severity: 'warning', message }];
}

/** The findings of an object as the target version would have them. */
export function forTarget(checked: CheckedObject, minor: number): CheckedObject {
  if (minor >= newestMinor) return checked;
  const { object, kind } = checked;
  const findings = checked.findings.flatMap((finding) => asSeenBy(finding, object, minor));
  if (!kind) return { ...checked, findings };
  const since = kindSince(kind.typeName);
  const young =
    since && since.earliest > minor
      ? [notYet(['apiVersion'], `${object.apiVersion} ${object.kind}`, since, minor)]
      : [...youngFields(object, kind.schema, kind.typeName, minor, [])];
  return { ...checked, findings: [...findings, ...young] };
}

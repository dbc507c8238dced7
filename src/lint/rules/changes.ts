/** Fixes that set or remove one field. */
import type { JsonValue } from '../../shared/deep.ts';
import { pathText } from '../../types/field-issue.ts';
import type { FieldPath } from '../../types/field-issue.ts';
import type { FieldFix } from '../rule.ts';

function name(path: FieldPath): string {
  const last = path.at(-1);
  return typeof last === 'string' ? last : pathText(path);
}

export function set(path: FieldPath, value: JsonValue, title?: string): FieldFix {
  const shown = typeof value === 'object' ? '' : ` to ${String(value)}`;
  return { title: title ?? `Set ${name(path)}${shown}`, changes: [{ path, set: value }] };
}

export function remove(path: FieldPath, title?: string): FieldFix {
  return { title: title ?? `Remove ${name(path)}`, changes: [{ path, remove: true }] };
}

/** What makes the finding go away but may change what the program can do: offered, never done unasked. */
export function suggestSet(path: FieldPath, value: JsonValue, title?: string): FieldFix {
  return { ...set(path, value, title), suggestion: true };
}

export function suggestRemove(path: FieldPath, title?: string): FieldFix {
  return { ...remove(path, title), suggestion: true };
}

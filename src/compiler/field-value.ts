/** What stands at the end of a field's path. */
import { isRecord } from '../shared/deep.ts';
import type { FieldPath } from '../types/field-issue.ts';

export type Keys = readonly (string | number)[];

export function keysOf(path: FieldPath): Keys {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
}

export function childOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isRecord(value) ? value[key] : undefined;
}

export function valueAt(root: unknown, path: FieldPath): unknown {
  return keysOf(path).reduce<unknown>(childOf, root);
}

/**
 * An object with values of the wrong type, read as its author probably meant it: so that the rules can be asked about
 * everything else in it as well, which a server never gets to.
 */
import { deepClone, isRecord } from '../../shared/deep.ts';
import type { FieldPath } from '../field-issue.ts';
import type { KubeObject } from '../meta.ts';
import type { Schema } from '../schema.ts';
import type { TypeFault } from './structure.ts';

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** Undefined: nobody can tell, so the field is better left out. */
function meant(expected: Schema['type'], value: unknown): unknown {
  switch (expected) {
    case 'string':
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'string' && numeric.test(value) ? Number(value) : undefined;
    case 'boolean':
      return typeof value === 'string' ? booleans[value.toLowerCase()] : undefined;
    case 'array':
      return [value];
    default:
      return undefined;
  }
}

function parentOf(
  object: unknown,
  path: FieldPath,
): { readonly parent: unknown; readonly key: string | number } | undefined {
  let parent = object;
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
  const last = keys.at(-1);
  for (const key of keys.slice(0, -1)) {
    if (Array.isArray(parent) && typeof key === 'number') parent = parent[key];
    else if (isRecord(parent)) parent = parent[key];
    else return undefined;
  }
  return last === undefined ? undefined : { parent, key: last };
}

/** Undefined where too much is wrong to tell what was meant: an object where a text stands, an item of a list that is no item. */
export function mended(object: KubeObject, faults: readonly TypeFault[]): KubeObject | undefined {
  const draft = deepClone(object);
  for (const { path, expected, value } of faults) {
    const place = parentOf(draft, path);
    if (!place) return undefined;
    const { parent, key } = place;
    const replacement = meant(expected, value);
    if (Array.isArray(parent) && typeof key === 'number') {
      if (replacement === undefined) return undefined;
      parent[key] = replacement;
      continue;
    }
    const whole = expected === 'object' || expected === 'ref' || expected === 'map';
    if (!isRecord(parent) || (whole && replacement === undefined)) return undefined;
    if (replacement === undefined) delete parent[String(key)];
    else parent[String(key)] = replacement;
  }
  return draft;
}

/** Whether a complaint is about a value that was replaced or left out, and so says nothing of the author's own. */
export function isAbout(path: FieldPath, faults: readonly TypeFault[]): boolean {
  const same = (a: FieldPath[number] | undefined, b: FieldPath[number] | undefined): boolean =>
    (typeof a === 'object' ? a.key : a) === (typeof b === 'object' ? b.key : b);
  return faults.some((fault) => fault.path.every((segment, index) => same(segment, path[index])));
}

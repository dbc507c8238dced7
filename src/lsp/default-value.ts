/** What Kubernetes puts where an author writes nothing, found out by letting it do so. */
import { deepClone, isRecord } from '../shared/deep.ts';
import { withoutNulls } from '../lint/entry.ts';
import { valueAt } from '../lint/selectors.ts';
import type { Draft, KubeObject } from '../types/meta.ts';
import { applyDefaults } from '../types/validation/apply-defaults.ts';
import { findTypeFaults } from '../types/validation/structure.ts';
import { pathInObject } from './object-view.ts';
import { pathOf } from './outline.ts';
import type { Cursor } from './session.ts';

function isKubeObject(value: unknown): value is Draft<KubeObject> {
  return isRecord(value) && isRecord(value['metadata']);
}

function isSame(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}

/** Undefined where it is left out, or where the object is not sound enough to tell. */
export function defaultAt({ piece, object, node }: Cursor): string | number | boolean | undefined {
  const { kind } = object;
  const base = pathOf(object.node);
  const read = piece.part.objects.find((one) => isSame(one.base, base));
  const path = pathInObject(object, node);
  const field = path.at(-1);
  const draft: unknown = read && kind && field !== undefined ? deepClone(withoutNulls(read.candidate)) : undefined;
  if (!kind || field === undefined || !isKubeObject(draft)) return undefined;
  const holder = valueAt(draft, path.slice(0, -1));
  if (!isRecord(holder) || typeof field !== 'string') return undefined;
  Reflect.deleteProperty(holder, field);
  if (findTypeFaults(kind, draft).length > 0) return undefined;
  applyDefaults(kind, draft);
  const value = valueAt(draft, path);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** Patches on built objects: per environment, per customer, or where a component leaves no parameter. */
import { deepClone, deepFreeze, isRecord } from '../shared/deep.ts';
import { captureFrames } from '../types/builder/call-frames.ts';
import type { CallFrame } from '../types/builder/call-frames.ts';
import type { Draft, KubeObject } from '../types/meta.ts';
import { jsonPatched } from './json-patch.ts';
import type { JsonPatchOperation } from './json-patch.ts';
import { isList, isObject, mapObjects, rebuilt, titleOf } from './rebuilt.ts';
import type { Fields, Group } from './rebuilt.ts';
import { Merge, mergeKeys, UnmatchedPatch } from './strategic-merge.ts';
import type { Labels } from './workload.ts';

/** Any part of an object; null deletes, and items of merged lists are named by their keys. */
export type MergePatch<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly ItemPatch<Item>[]
    : Parts<T> & { readonly $patch?: 'replace' };
type Parts<T> = { readonly [K in keyof T]?: MergePatch<T[K]> | null };
type ItemPatch<Item> = Item extends object ? Parts<Item> & { readonly $patch?: 'delete' | 'replace' } : Item;

/** A strategic merge patch (a plain merge patch for custom resources), a JSON patch, or a function that changes a copy. */
export type Patch<T> = MergePatch<T> | AnyFields<T> | readonly JsonPatchOperation[] | ((draft: Draft<T>) => void);
/** What is of no known kind may have any field. */
type AnyFields<T> = T extends { readonly kind: infer Kind }
  ? string extends Kind
    ? Readonly<Record<string, unknown>>
    : never
  : never;

export interface PatchTarget {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Labels;
}

function isChange(patch: unknown): patch is (draft: unknown) => unknown {
  return typeof patch === 'function';
}

function isOperations(patch: unknown): patch is readonly JsonPatchOperation[] {
  return Array.isArray(patch);
}

function patchOne<T extends KubeObject>(object: T, patch: unknown, frames: readonly CallFrame[]): T {
  const title = titleOf(object);
  const fields: Fields = Object.fromEntries(Object.entries(object));
  let result: unknown;
  if (isChange(patch)) {
    result = deepClone<unknown>(fields);
    patch(result);
  } else if (isOperations(patch)) result = jsonPatched(fields, patch, title);
  else if (isRecord(patch))
    result = new Merge(mergeKeys(), title).object(fields, patch, `${object.apiVersion}.${object.kind}`);
  if (!isRecord(result) || result['apiVersion'] !== object.apiVersion || result['kind'] !== object.kind)
    throw new Error(`patch of ${title}: a patch must not change what the object is`);
  return rebuilt(object, deepFreeze(result), frames);
}

function matches({ kind, metadata }: KubeObject, target: PatchTarget): boolean {
  return (
    (target.kind === undefined || target.kind === kind) &&
    (target.name === undefined || target.name === metadata.name) &&
    (target.namespace === undefined || target.namespace === metadata.namespace) &&
    Object.entries(target.labels ?? {}).every(([key, value]) => metadata.labels?.[key] === value)
  );
}

/**
 * A patched copy of an object, or of a group in which the objects that fit a target are patched.
 *
 * @throws UnmatchedPatch when the patch, or the target, has nothing to act on
 */
export function patched<T extends KubeObject>(object: T, patch: Patch<T>): T;
export function patched<T extends object>(
  objects: Group<T>,
  target: PatchTarget,
  patch: Patch<Record<string, unknown>> | object,
): T;
export function patched(objects: unknown, ...[first, second]: readonly unknown[]): unknown {
  const frames = captureFrames(patched);
  if (second === undefined) {
    if (!isObject(objects) || isList(objects))
      throw new Error('a patch of a group needs a target: patched(objects, { kind, name }, patch)');
    return patchOne(objects, first, frames);
  }
  let count = 0;
  const result = mapObjects(objects, (object) => {
    if (!isRecord(first) || !matches(object, first)) return object;
    count += 1;
    return patchOne(object, second, frames);
  });
  if (count === 0) throw new UnmatchedPatch(`no object fits the target ${JSON.stringify(first)} of a patch`);
  return result;
}

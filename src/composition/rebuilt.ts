/** Changed copies of built objects, which keep their handles and the place of the call that made them. */
import { isRecord } from '../shared/deep.ts';
import type { CallFrame } from '../types/builder/call-frames.ts';
import { itemsOfList } from '../types/list-items.ts';
import type { KubeObject } from '../types/meta.ts';

/** What a default export may hold: objects, and lists and records of them, with gaps for what a condition left out. */
export type Objects = KubeObject | readonly Part[] | { readonly [name: string]: Part };
type Part = Objects | undefined | null | false;

/** A group of any shape, also one that an interface declares; what has to be awaited or called first is told apart. */
export type Group<T> =
  T extends PromiseLike<unknown>
    ? 'this is a promise: await it first'
    : T extends (...parameters: never[]) => unknown
      ? 'this is a function: call it first'
      : T;
export type Fields = Readonly<Record<string, unknown>>;

const sourceSymbol = Symbol.for('kubewright.source');
/** Frames of the calls that patched an object, first to last. */
const patchesSymbol = Symbol.for('kubewright.patches');

/** The file of manifests that an object was read from: see compiler/manifest-origin.ts. */
const originSymbol = Symbol.for('kubewright.origin');

/** What `raw` took whole. */
const rawSymbol = Symbol.for('kubewright.raw');

export interface ReadFrom {
  /** Of the call that read it. */
  readonly frames: readonly CallFrame[];
  readonly file: string;
  readonly document: number;
  readonly path: readonly (string | number)[];
}

/** A frozen object with other fields, and everything else of the original. The fields have the shape of the original's. */
export function rebuilt<T extends object>(
  original: T,
  fields: Fields,
  patch?: readonly CallFrame[],
  readFrom?: ReadFrom,
): T {
  const copy: object = Object.create(Object.getPrototypeOf(original));
  for (const [key, value] of Object.entries(fields))
    Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
  Object.defineProperty(copy, sourceSymbol, { value: readFrom?.frames ?? Reflect.get(original, sourceSymbol) });
  const patches: unknown = Reflect.get(original, patchesSymbol);
  const before: readonly unknown[] = Array.isArray(patches) ? patches : [];
  Object.defineProperty(copy, patchesSymbol, { value: patch ? [...before, patch] : before });
  const origin = readFrom && { file: readFrom.file, document: readFrom.document, path: readFrom.path };
  Object.defineProperty(copy, originSymbol, { value: origin ?? Reflect.get(original, originSymbol) });
  Object.defineProperty(copy, rawSymbol, { value: Reflect.get(original, rawSymbol) });
  // The one decoder of this folder: whoever calls has kept the shape.
  return Object.freeze(copy) as T;
}

export function isObject(value: unknown): value is KubeObject {
  return isRecord(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string';
}

/** A list stands for its items, as kubectl has it. */
export function isList(value: unknown): value is Fields & { readonly items: readonly unknown[] } {
  return isRecord(value) && isObject(value) && value.kind.endsWith('List') && Array.isArray(value['items']);
}

/** The same lists and records with every object changed; an object that stands in two places stays one. */
export function mapObjects<T>(objects: T, change: (object: KubeObject) => KubeObject): T;
export function mapObjects(objects: unknown, change: (object: KubeObject) => KubeObject): unknown {
  const changed = new Map<KubeObject, KubeObject>();
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (isList(value))
      return Object.freeze({ ...value, items: Object.freeze((itemsOfList(value) ?? value.items).map(walk)) });
    if (isObject(value)) {
      // The check of the object says so.
      if (!isRecord(value.metadata)) return value;
      const known = changed.get(value) ?? change(value);
      changed.set(value, known);
      return known;
    }
    // What is neither has no place in a program's export, which says so.
    if (!isRecord(value) || !isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child)]));
  };
  return walk(objects);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** All objects, each once, in their order. */
export function objectsOf(objects: unknown): readonly KubeObject[] {
  const found = new Set<KubeObject>();
  mapObjects(objects, (object) => {
    found.add(object);
    return object;
  });
  return [...found];
}

/** `Deployment web`, for messages. */
export function titleOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name ?? '(without a name)'}`;
}

export function recordAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  let found: unknown = value;
  for (const step of path) found = isRecord(found) ? found[step] : undefined;
  return isRecord(found) ? found : undefined;
}

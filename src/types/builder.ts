/**
 * The typed builders behind `import { deployment, service } from 'kubewright'`. A builder returns a frozen plain object in
 * the author's key order, with handles on its prototype; it fills in apiVersion and kind, derives selector and template
 * labels from each other, resolves handles, and invents nothing else.
 */
import { isRecord } from '../shared/deep.ts';
import { captureFrames, sourceSymbol } from './builder/call-frames.ts';
import { handles } from './builder/handles.ts';
import { resolveReferences } from './builder/resolve-references.ts';
import { deriveSelector } from './builder/workload.ts';
import type { KubeObject } from './meta.ts';

export { sourceOf } from './builder/call-frames.ts';
export type { CallFrame } from './builder/call-frames.ts';
export type { ClaimHandle, ConfigMapHandle, SecretHandle, ServiceHandle, WorkloadHandle } from './builder/handles.ts';

type Fields = Record<string, unknown>;
const withSelector = (input: Fields): Fields => deriveSelector(input, (labels) => ({ matchLabels: labels }));
const derivations: Readonly<Record<string, (input: Fields) => Fields>> = {
  'v1.ReplicationController': (input) => deriveSelector(input, (labels) => labels),
  'apps/v1.Deployment': withSelector,
  'apps/v1.ReplicaSet': withSelector,
  'apps/v1.StatefulSet': withSelector,
  'apps/v1.DaemonSet': withSelector,
};

/** What a builder takes: the object, its identity left out. */
export type Input<T extends KubeObject> = Omit<T, 'apiVersion' | 'kind'> & Partial<Pick<T, 'apiVersion' | 'kind'>>;

/** The builder of one kind: takes the object without its identity, gives it back whole, frozen and with its handles. */
export type Builder<T extends KubeObject, In extends object = Input<T>, Handle extends object = object> = (
  input: In,
) => T & Handle;

/** A field called `__proto__` is a field like any other. */
function assignFields(target: object, fields: object): void {
  if (!Object.hasOwn(fields, '__proto__')) Object.assign(target, fields);
  else
    for (const [key, value] of Object.entries(fields))
      Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function builder(apiVersion: string, kind: string): (input: object) => object {
  const typeName = `${apiVersion}.${kind}`;
  const build = (input: object): object => {
    if (!isRecord(input)) throw new TypeError(`the builder of ${kind} takes an object`);
    const { apiVersion: _, kind: __, ...rest } = input;
    const fields = resolveReferences(kind, rest);
    const object: object = Object.create(handles[typeName] ?? Object.prototype);
    assignFields(object, { apiVersion, kind, ...(derivations[typeName]?.(fields) ?? fields) });
    Object.defineProperty(object, sourceSymbol, { value: captureFrames(build) });
    return Object.freeze(object);
  };
  return build;
}

/** Makes the builder of one kind. `Handle` says what the result can do besides being the object. */
export function builderOf<T extends KubeObject, In extends object = Input<T>, Handle extends object = object>(
  apiVersion: T['apiVersion'],
  kind: T['kind'],
): Builder<T, In, Handle> {
  return decoded<Builder<T, In, Handle>>(builder(apiVersion, kind));
}

/** The builder of a built-in kind; its type is the generated one that it is assigned to. */
export function builtIn(apiVersion: string, kind: string): (input: object) => never {
  return decoded<(input: object) => never>(builder(apiVersion, kind));
}

/** The one decoder of this file: the input's type has promised what the object is. */
function decoded<T>(value: object): T {
  return value as T;
}

/** Any object of any shape, taken as it is; unknown keys are reported by validation, never dropped. */
export function raw<T extends KubeObject>(object: T): T;
export function raw(object: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}): KubeObject;
export function raw(object: object): object {
  const copy: object = {};
  assignFields(copy, object);
  Object.defineProperty(copy, sourceSymbol, { value: captureFrames(raw) });
  Object.defineProperty(copy, Symbol.for('kubewright.raw'), { value: true });
  return Object.freeze(copy);
}

/** A `List` of objects; they are built, checked and applied one by one. */
export interface ObjectList<T extends KubeObject = KubeObject> {
  readonly apiVersion: 'v1';
  readonly kind: 'List';
  readonly metadata: Record<string, never>;
  readonly items: readonly T[];
}

/** Objects as one `List`. */
export function list<T extends KubeObject>({ items }: { readonly items: readonly T[] }): ObjectList<T> {
  return Object.freeze({ apiVersion: 'v1', kind: 'List', metadata: {}, items: Object.freeze([...items]) });
}

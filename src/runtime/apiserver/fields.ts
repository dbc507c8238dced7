/** Reading and narrowing of objects whose kind is known only at run time. */
import { isRecord } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { Draft, KubeObject } from '../../types/meta.ts';

/** An object that the server owns and may change, with its fields by name. */
export type ObjectDraft = Draft<KubeObject> & Record<string, unknown>;

export function isObjectDraft(value: unknown): value is ObjectDraft {
  return (
    isRecord(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isRecord(value['metadata'])
  );
}

/** The value at a path of property names, undefined where there is none. */
export function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (!isRecord(current)) return undefined;
    current = current[name];
  }
  return current;
}

export function textOf(value: unknown, ...path: readonly string[]): string {
  const found = fieldOf(value, ...path);
  return typeof found === 'string' ? found : '';
}

export function numberOf(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldOf(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

export function recordOf(value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> {
  const found = fieldOf(value, ...path);
  return isRecord(found) ? found : {};
}

export function listOf(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = fieldOf(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Whether an object is of a kind; its type follows. */
export function isOfKind<T extends KubeObject>(kind: KindDefinition<T>, object: unknown): object is T {
  return isRecord(object) && object['kind'] === kind.kind && object['apiVersion'] === kind.apiVersion;
}

export function isDraftOfKind<T extends KubeObject>(kind: KindDefinition<T>, object: unknown): object is Draft<T> {
  return isRecord(object) && object['kind'] === kind.kind && object['apiVersion'] === kind.apiVersion;
}

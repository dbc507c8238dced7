import type { ObjectMeta } from './kinds/generated/meta-v1.gen.ts';
import { isRecord } from '../shared/deep.ts';
import type { Mutable } from '../shared/deep.ts';

export type { ObjectMeta } from './kinds/generated/meta-v1.gen.ts';

/** What every object of the API has. Concrete kinds are generated interfaces that extend this shape. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Whether it has the shape; its fields may still be anything. */
export function isKubeObject(value: unknown): value is KubeObject {
  return (
    isRecord(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isRecord(value['metadata'])
  );
}

/** Where an object lives. `namespace` is the empty string for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** An object as the API server hands it out: what it fills in is there. */
export type Persisted<T extends KubeObject = KubeObject> = T & {
  readonly metadata: ObjectMeta & {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
  };
};

/** A private, mutable copy, as defaulting and admission see it. */
export type Draft<T> = Mutable<T>;

export function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
}

/** `namespace/name`, or `name` for cluster-scoped objects. */
export function keyText(key: ObjectKey): string {
  return key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
}

/** An object as the store holds it, and as the version that was asked for shows it. */
import { deepFreeze } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject } from '../../types/meta.ts';
import type { Registry } from '../../types/registry.ts';

export interface StoredForm {
  /** The kind whose keys are used. */
  readonly kind: KindDefinition;
  encode(object: KubeObject): KubeObject;
  /** The same object for the same stored value, so that what is derived from it can be cached. */
  decode(stored: KubeObject): KubeObject;
}

/** @throws Error when a kind names a stored form that does not exist, which is a defect of its definition. */
export function storedFormOf(kind: KindDefinition, registry: Registry): StoredForm {
  if (kind.storedAs === undefined) {
    const same = (object: KubeObject): KubeObject => object;
    return { kind, encode: same, decode: same };
  }
  const target = [...registry.all()].find((other) => other.typeName === kind.storedAs);
  if (!target) throw new Error(`${kind.typeName} is stored as ${kind.storedAs}, which is not registered`);
  const shown = new WeakMap<KubeObject, KubeObject>();
  return {
    kind: target,
    encode: (object) => kind.toStored?.(object) ?? object,
    decode(stored) {
      const known = shown.get(stored);
      if (known) return known;
      const object = deepFreeze(kind.fromStored?.(stored) ?? stored);
      shown.set(stored, object);
      return object;
    },
  };
}

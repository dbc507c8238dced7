/** An object as the store holds it, and as the version that was asked for shows it. */
import { deepFreeze } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject } from '../../types/meta.ts';
import type { Registry } from '../../types/registry.ts';
import { convertedByWebhook } from './custom-resources/conversion.ts';
import type { ConversionContext } from './custom-resources/conversion.ts';

export interface StoredForm {
  /** The kind whose keys are used. */
  readonly kind: KindDefinition;
  encode(object: KubeObject): KubeObject | Promise<KubeObject>;
  /**
   * Must come before `decode` where it is there: what is stored in another version is asked for elsewhere, all at once.
   * @throws ApiError
   */
  prepare?(stored: readonly KubeObject[]): Promise<void>;
  /** The same object for the same stored value, so that what is derived from it can be cached. */
  decode(stored: KubeObject): KubeObject;
}

/** @throws Error when a kind names a stored form that does not exist, which is a defect of its definition. */
export function storedFormOf(kind: KindDefinition, registry: Registry, context: ConversionContext): StoredForm {
  if (kind.storedAs === undefined) {
    const same = (object: KubeObject): KubeObject => object;
    return { kind, encode: same, decode: same };
  }
  const target = [...registry.all()].find((other) => other.typeName === kind.storedAs);
  if (!target) throw new Error(`${kind.typeName} is stored as ${kind.storedAs}, which is not registered`);
  const shown = new WeakMap<KubeObject, KubeObject>();
  const show = (stored: KubeObject, source: KubeObject): KubeObject => {
    const object = deepFreeze(kind.fromStored?.(source) ?? source);
    shown.set(stored, object);
    return object;
  };
  const plain: StoredForm = {
    kind: target,
    encode: (object) => kind.toStored?.(object) ?? object,
    decode: (stored) => shown.get(stored) ?? show(stored, stored),
  };
  const { conversion } = kind;
  if (conversion === undefined) return plain;
  return {
    ...plain,
    async encode(object) {
      if (object.apiVersion === target.apiVersion) return plain.encode(object);
      const [stored] = await convertedByWebhook(conversion, kind, [object], target.apiVersion, context);
      return stored ?? object;
    },
    async prepare(stored) {
      const foreign = stored.filter((value) => value.apiVersion !== kind.apiVersion && !shown.has(value));
      for (const version of new Set(foreign.map((value) => value.apiVersion))) {
        const values = foreign.filter((value) => value.apiVersion === version);
        const converted = await convertedByWebhook(conversion, kind, values, kind.apiVersion, context);
        for (const [index, value] of values.entries()) show(value, converted[index] ?? value);
      }
    },
  };
}

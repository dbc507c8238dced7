import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject, ObjectKey } from '../../types/meta.ts';
import { kindPrefix, namespacePrefix, storeKey } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import { isOfKind } from './fields.ts';

/** Typed reads for parts of the server that need other objects than the one asked for. */
export interface ObjectReader {
  get<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey): Promise<T | undefined>;
  /** All objects of the kind, or those of one namespace. */
  list<T extends KubeObject>(kind: KindDefinition<T>, namespace?: string): Promise<readonly T[]>;
  /** The same, in whatever version each is stored. */
  listStored(kind: KindDefinition, namespace: string): Promise<readonly KubeObject[]>;
}

/** Only for kinds that are stored as themselves. */
export function storeReader(store: Store): ObjectReader {
  return {
    async get<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey): Promise<T | undefined> {
      const stored = await store.get(storeKey(kind, key));
      return stored !== undefined && isOfKind(kind, stored.value) ? stored.value : undefined;
    },
    async list<T extends KubeObject>(kind: KindDefinition<T>, namespace?: string): Promise<readonly T[]> {
      const prefix = namespace === undefined ? kindPrefix(kind) : namespacePrefix(kind, namespace);
      const objects: T[] = [];
      for (const { value } of (await store.list(prefix)).items) if (isOfKind(kind, value)) objects.push(value);
      return objects;
    },
    async listStored(kind: KindDefinition, namespace: string): Promise<readonly KubeObject[]> {
      return (await store.list(namespacePrefix(kind, namespace))).items.map(({ value }) => value);
    },
  };
}

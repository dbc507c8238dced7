/** What steers admission, in memory: every write asks for it, and hardly any changes it. */
import type { KindDefinition } from '../../../../types/define-kind.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import { kindPrefix } from '../../../storage/keys.ts';
import type { Store } from '../../../storage/store.ts';
import { isOfKind } from '../../fields.ts';

export class ConfigurationIndex {
  readonly #kinds: readonly KindDefinition[];
  readonly #objects = new Map<string, Map<string, KubeObject>>();

  constructor(kinds: readonly KindDefinition[]) {
    this.#kinds = kinds;
    for (const kind of kinds) this.#objects.set(kind.typeName, new Map());
  }

  async load(store: Store): Promise<void> {
    for (const kind of this.#kinds) {
      for (const { value } of (await store.list(kindPrefix(kind))).items) this.onStored(kind, value, false);
    }
  }

  /** To be told of everything that is written. */
  onStored(kind: KindDefinition, object: KubeObject, gone: boolean): void {
    const objects = this.#objects.get(kind.typeName);
    if (!objects) return;
    const name = object.metadata.name ?? '';
    const known = objects.get(name);
    if (known && revisionOf(known) > revisionOf(object)) return;
    if (gone) objects.delete(name);
    else objects.set(name, object);
  }

  /** Sorted by name, which is the order they are asked in. */
  all<T extends KubeObject>(kind: KindDefinition<T>): readonly T[] {
    const objects = this.#objects.get(kind.typeName);
    if (!objects || objects.size === 0) return [];
    const found: T[] = [];
    for (const name of [...objects.keys()].sort()) {
      const object = objects.get(name);
      if (isOfKind(kind, object)) found.push(object);
    }
    return found;
  }
}

function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion ?? '0');
}

/** The kinds whose objects exist in the store, each once: what deletion of everything and the graph of owners go through. */
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { Registry } from '../../../types/registry.ts';

/** Served, but stored under the same keys as another kind. */
const withoutObjectsOfTheirOwn: ReadonlySet<string> = new Set(['events.k8s.io/v1.Event']);

export function storedKinds(registry: Registry): readonly KindDefinition[] {
  const seen = new Map<string, KindDefinition>();
  for (const kind of registry.all()) {
    if (!kind.served || kind.virtual || kind.computed || withoutObjectsOfTheirOwn.has(kind.typeName)) continue;
    // Several versions of a kind share their objects; any one of them shows them all.
    const objects = `${kind.group}/${kind.plural}`;
    const known = seen.get(objects);
    if (!known || kind.storedAs === undefined || kind.storedAs === kind.typeName) seen.set(objects, kind);
  }
  return [...seen.values()];
}

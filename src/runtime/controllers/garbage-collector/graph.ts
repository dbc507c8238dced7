/** Who owns whom, over all kinds. */
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { OwnerReference } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type { Persisted } from '../../../types/meta.ts';

export interface GraphNode {
  readonly kind: KindDefinition;
  readonly object: Persisted;
}

/** Uids of deleted objects that are remembered, so that their dependents need not be asked about one by one. */
const rememberedDeletions = 4096;

export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #deleted = new Set<string>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  dependentsOf(uid: string): readonly GraphNode[] {
    const found: GraphNode[] = [];
    for (const dependent of this.#dependents.get(uid) ?? []) {
      const node = this.#nodes.get(dependent);
      if (node) found.push(node);
    }
    return found;
  }

  put(node: GraphNode): void {
    const { uid } = node.object.metadata;
    const before = ownersOf(this.#nodes.get(uid)?.object);
    const after = ownersOf(node.object);
    this.#nodes.set(uid, node);
    this.#unlink(uid, before, after);
    for (const owner of after) {
      const dependents = this.#dependents.get(owner.uid);
      if (dependents) dependents.add(uid);
      else this.#dependents.set(owner.uid, new Set([uid]));
    }
  }

  remove(uid: string): void {
    this.#unlink(uid, ownersOf(this.#nodes.get(uid)?.object), []);
    this.#nodes.delete(uid);
    this.#deleted.add(uid);
    if (this.#deleted.size > rememberedDeletions) {
      const [oldest] = this.#deleted;
      if (oldest !== undefined) this.#deleted.delete(oldest);
    }
  }

  /** Whether an object with this uid was seen to go; uids are never used twice. */
  wasDeleted(uid: string): boolean {
    return this.#deleted.has(uid);
  }

  #unlink(uid: string, before: readonly OwnerReference[], after: readonly OwnerReference[]): void {
    for (const owner of before) {
      if (after.some((kept) => kept.uid === owner.uid)) continue;
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

export function ownersOf(object: Persisted | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? [];
}

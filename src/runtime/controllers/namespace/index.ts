/** Empties namespaces that are being deleted, and then lets them go. */
import { deepEqual } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import { Namespace } from '../../../types/kinds/core/namespace.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import type { KubeObject, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informer } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { storedKinds } from '../framework/stored-kinds.ts';
import { deletionConditions } from './plan.ts';
import type { Remaining } from './plan.ts';

const finalizer = 'kubernetes';

export const namespaceController: Controller<Namespace> = {
  name: 'namespace-controller',
  kind: Namespace,
  workers: 10,
  reconciler: (context) => new NamespaceReconciler(context).reconcile,
};

class NamespaceReconciler {
  readonly #context: ControllerContext;
  readonly #namespaces: Informer<Namespace>;
  /** Kinds of which something has kept a namespace from going; their deletions bring the namespace back. */
  readonly #awaited = new Map<string, Informer>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#namespaces = context.informers.of(Namespace);
  }

  readonly reconcile: Reconcile = async (key): Promise<Outcome> => {
    const cached = this.#namespaces.get(key);
    if (!isLeaving(cached)) return {};
    const namespace = await this.#context.client.of(Namespace).get(key);
    if (!namespace || !isLeaving(namespace)) return {};
    const { remaining, failures } = await this.#empty(namespace.metadata.name);
    const marked = await this.#writeConditions(namespace, remaining, failures);
    if (failures.length > 0) throw new Error(`namespace ${key.name} cannot be emptied: ${failures.join('; ')}`);
    if (remaining.length === 0) await this.#finalize(marked);
    return {};
  };

  /** Pods go first, and alone, so that what they need to end in good order is still there (KEP-5080). */
  async #empty(namespace: string): Promise<{ remaining: readonly Remaining[]; failures: readonly string[] }> {
    const kinds = storedKinds(this.#context.registry).filter((kind) => kind.scope === 'Namespaced');
    const pods = await this.#emptyKinds(
      namespace,
      kinds.filter((kind) => kind.typeName === Pod.typeName),
    );
    if (pods.remaining.length > 0 || pods.failures.length > 0) return pods;
    return this.#emptyKinds(
      namespace,
      kinds.filter((kind) => kind.typeName !== Pod.typeName),
    );
  }

  async #emptyKinds(
    namespace: string,
    kinds: readonly KindDefinition[],
  ): Promise<{ remaining: readonly Remaining[]; failures: readonly string[] }> {
    const failures: string[] = [];
    const results = await Promise.all(
      kinds.map(async (kind) => {
        try {
          return await this.#emptyKind(namespace, kind);
        } catch (error) {
          // A kind that left meanwhile has no objects; whatever else fails must not keep the other kinds.
          if (!isFailure(error, 'NotFound', 'MethodNotAllowed')) {
            failures.push(`${kind.plural}.${kind.group}: ${error instanceof Error ? error.message : String(error)}`);
          }
          return undefined;
        }
      }),
    );
    return { remaining: results.filter((result) => result !== undefined), failures };
  }

  async #emptyKind(namespace: string, kind: KindDefinition): Promise<Remaining | undefined> {
    const resource = this.#context.client.of(kind);
    const before = await resource.list({ namespace });
    if (before.items.length === 0) return undefined;
    this.#awaitDeletions(kind);
    await resource.deleteCollection({ namespace }, { propagationPolicy: 'Background' });
    const { items } = await resource.list({ namespace });
    if (items.length === 0) return undefined;
    const finalizers = new Map<string, number>();
    for (const item of items) {
      for (const name of item.metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
    }
    return { resource: `${kind.plural}.${kind.group}`, count: items.length, finalizers };
  }

  #awaitDeletions(kind: KindDefinition): void {
    const { informers, use, enqueue } = this.#context;
    const informer = informers.of(kind);
    // A custom resource that went and came again has another informer.
    if (this.#awaited.get(kind.typeName) === informer) return;
    this.#awaited.set(kind.typeName, informer);
    use(
      informer.subscribe(({ type, object }) => {
        if (type !== 'delete') return;
        const key = { namespace: '', name: object.metadata.namespace ?? '' };
        if (isLeaving(this.#namespaces.get(key))) enqueue(key);
      }),
    );
  }

  async #writeConditions(
    namespace: Persisted<Namespace>,
    remaining: readonly Remaining[],
    failures: readonly string[],
  ): Promise<Persisted<Namespace>> {
    const current = namespace.status?.conditions;
    const conditions = deletionConditions(current, remaining, failures, this.#context.clock.now());
    // One that is empty at once is gone before anybody could read its conditions.
    if (current === undefined && remaining.length === 0 && failures.length === 0) return namespace;
    if (deepEqual(current, conditions)) return namespace;
    const status = { ...namespace.status, conditions };
    return this.#context.client.of(Namespace).updateStatus({ ...namespace, status });
  }

  async #finalize(namespace: Persisted<Namespace>): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== finalizer);
    try {
      await this.#context.client
        .of(Namespace)
        .updateSubresource({ ...namespace, spec: { ...namespace.spec, finalizers } }, 'finalize');
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }
}

function isLeaving(namespace: (KubeObject & Pick<Namespace, 'spec'>) | undefined): boolean {
  return namespace?.metadata.deletionTimestamp !== undefined && (namespace.spec?.finalizers ?? []).includes(finalizer);
}

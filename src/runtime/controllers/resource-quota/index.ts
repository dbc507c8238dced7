/** Keeps the status of ResourceQuotas true. It is for people to read: admission asks the store itself. */
import { deepEqual } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import { ResourceQuota } from '../../../types/kinds/core/resource-quota.ts';
import { keyOf } from '../../../types/meta.ts';
import type { Persisted } from '../../../types/meta.ts';
import { limitedResources } from '../../../types/quota/usage.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informer } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { storedKinds } from '../framework/stored-kinds.ts';
import { untilAborted } from '../framework/until-aborted.ts';
import { planQuota } from './plan.ts';

export const resourceQuotaController: Controller<ResourceQuota> = {
  name: 'resourcequota-controller',
  kind: ResourceQuota,
  reconciler: (context) => new QuotaReconciler(context).reconcile,
};

class QuotaReconciler {
  readonly #context: ControllerContext;
  readonly #quotas: Informer<ResourceQuota>;
  /** Kinds that some quota is about, by type; a kind that was defined anew has another informer. */
  readonly #watched = new Map<string, Informer>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#quotas = context.informers.of(ResourceQuota);
  }

  readonly reconcile: Reconcile = async (key, signal): Promise<Outcome> => {
    const { registry, clock, client } = this.#context;
    const quota = this.#quotas.get(key);
    if (!quota) return {};
    const kinds = storedKinds(registry).filter(
      (kind) => kind.scope === 'Namespaced' && limitedResources(quota.spec, kind).length > 0,
    );
    const informers = kinds.map((kind) => this.#watch(kind));
    await untilAborted(Promise.all(informers.map((informer) => informer.synced)), signal);
    const now = clock.now();
    const populations = informers.map((informer, i) => ({
      kind: kinds[i] ?? informer.kind,
      objects: informer.list(key.namespace),
    }));
    const { status, changesAt } = planQuota(quota, populations, now);
    await this.#write(client, quota, status);
    return changesAt ? { requeueAfter: changesAt.getTime() - now.getTime() + 1 } : {};
  };

  #watch(kind: KindDefinition): Informer {
    const informer = this.#context.informers.of(kind);
    if (this.#watched.get(kind.typeName) === informer) return informer;
    this.#watched.set(kind.typeName, informer);
    const subscription = informer.subscribe(({ object }) => this.#concern(kind, object));
    this.#context.use(subscription);
    return informer;
  }

  #concern(kind: KindDefinition, object: Persisted): void {
    const { namespace = '' } = object.metadata;
    for (const quota of this.#quotas.list(namespace)) {
      if (limitedResources(quota.spec, kind).length > 0) this.#context.enqueue(keyOf(quota));
    }
  }

  async #write(
    client: ControllerContext['client'],
    quota: Persisted<ResourceQuota>,
    status: ResourceQuota['status'],
  ): Promise<void> {
    if (deepEqual(quota.status, status)) return;
    try {
      await client.of(ResourceQuota).updateStatus({ ...quota, status });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }
}

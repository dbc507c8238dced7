/** Keeps the status of PodDisruptionBudgets, by which evictions are granted. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { deepEqual } from '../../../shared/deep.ts';
import { labelSelectorText, matchesLabelSelector } from '../../../types/label-selector.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import type { PodDisruptionBudgetStatus } from '../../../types/kinds/generated/policy-v1.gen.ts';
import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { ExpectedScale, ScaleUnknown } from './expected-scale.ts';
import { watchStaleTargets } from './stale-targets.ts';
import {
  budgetStatus,
  controllersOfPods,
  countHealthy,
  demandOf,
  disruptedPods,
  failedStatus,
  needsScale,
  type Demand,
} from './plan.ts';

/** What no watch tells: the scale of a controller that is no pod's any more, or not yet. */
const retryFailed: Milliseconds = 30_000;

export const disruptionController: Controller<PodDisruptionBudget> = {
  name: 'disruption-controller',
  kind: PodDisruptionBudget,
  alsoWatches: [{ kind: Pod, concerns: budgetsOf }],
  reconciler: (context) => new DisruptionReconciler(context).reconcile,
};

function* budgetsOf(pod: Persisted, informers: Informers): Iterable<ObjectKey> {
  for (const budget of informers.of(PodDisruptionBudget).list(pod.metadata.namespace)) {
    if (selects(budget, pod)) yield keyOf(budget);
  }
}

/** A budget without a selector is about no pods; one with an empty selector about all (policy/v1). */
function selects({ spec }: PodDisruptionBudget, { metadata }: Persisted): boolean {
  return spec?.selector !== undefined && matchesLabelSelector(spec.selector, metadata.labels);
}

class DisruptionReconciler {
  readonly #context: ControllerContext;
  readonly #scale: ExpectedScale;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#scale = new ExpectedScale(context);
    watchStaleTargets(context);
  }

  readonly reconcile: Reconcile = async (key): Promise<Outcome> => {
    const { informers, clock, event } = this.#context;
    const budget = informers.of(PodDisruptionBudget).get(key);
    if (!budget || budget.metadata.deletionTimestamp !== undefined) return {};
    const pods = informers
      .of(Pod)
      .list(key.namespace)
      .filter((pod) => selects(budget, pod));
    if (pods.length === 0) event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const now = clock.now();
    const demand = await this.#demand(budget, pods);
    if (demand instanceof ScaleUnknown) {
      const message = `Failed to calculate the number of expected pods: ${demand.message}`;
      event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      await this.#write(budget, failedStatus(budget, demand.message, now));
      return { requeueAfter: retryFailed };
    }
    const { waiting, overdue, recheckAfter } = disruptedPods(budget, pods, now);
    for (const pod of overdue) {
      const name = `${key.namespace}/${key.name}`;
      event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${name} to be deleted but it wasn't`);
    }
    const currentHealthy = countHealthy(pods, waiting);
    await this.#write(budget, budgetStatus(budget, demand, { currentHealthy, waiting, now }));
    return recheckAfter === undefined ? {} : { requeueAfter: recheckAfter };
  };

  async #demand(
    budget: Persisted<PodDisruptionBudget>,
    pods: readonly Persisted<Pod>[],
  ): Promise<Demand | ScaleUnknown> {
    const { spec } = budget;
    if (!needsScale(spec)) return demandOf(spec, pods.length);
    const controllers = controllersOfPods(pods);
    if (controllers.unmanaged.length > 0) {
      const message =
        `Pods selected by this PodDisruptionBudget (selector: ${labelSelectorText(spec?.selector)}) were found to be unmanaged. ` +
        'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
        'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
      this.#context.event(budget, 'Warning', 'UnmanagedPods', message);
    }
    try {
      return demandOf(spec, await this.#scale.of(budget.metadata.namespace ?? '', controllers));
    } catch (error) {
      if (error instanceof ScaleUnknown) return error;
      throw error;
    }
  }

  async #write(budget: Persisted<PodDisruptionBudget>, status: PodDisruptionBudgetStatus): Promise<void> {
    if (deepEqual(status, budget.status)) return;
    try {
      await this.#context.client.of(PodDisruptionBudget).updateStatus({ ...budget, status });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }
}

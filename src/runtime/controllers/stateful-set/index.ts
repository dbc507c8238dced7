/** Keeps pods with names, an order and claims of their own. */
import { deepEqual } from '../../../shared/deep.ts';
import type { ControllerRevision } from '../../../types/kinds/apps/controller-revision.ts';
import { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informer, InformerEvent, Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { Expectations } from '../framework/expectations.ts';
import { FailureBackoff } from '../framework/failure-backoff.ts';
import { unlessNamespaceTerminates } from '../framework/namespace-terminating.ts';
import { claim, controllerOf, planClaim } from '../framework/ownership.ts';
import { isPodTerminal, isPodTerminating, nextAvailability } from '../framework/pod-state.ts';
import { RevisionHistory } from '../framework/revision-history.ts';
import type { PresentRevision } from '../framework/revision-history.ts';
import { surplusRevisions, templateOf } from '../framework/revision-plan.ts';
import { planStatefulSet } from './plan.ts';
import type { StatefulSetPlan, StatefulSetState, TemplateRevision } from './plan.ts';
import { couldClaim, ordinalOf, revisionOfPod } from './stateful-pod.ts';
import { statefulSetStatus } from './status.ts';
import { StepRunner } from './steps.ts';

export const statefulSetController: Controller<StatefulSet> = {
  name: 'statefulset-controller',
  kind: StatefulSet,
  owns: [Pod],
  alsoWatches: [
    { kind: Pod, concerns: wouldAdopt },
    { kind: PersistentVolumeClaim, concerns: claimants },
  ],
  reconciler: (context) => new StatefulSetReconciler(context).reconcile,
};

/** Where a revision's hash stands among its labels; pods carry its whole name. */
const hashLabel = 'controller.kubernetes.io/hash';

/**
 * A pod that ends as soon as it is created must not be replaced as fast as the API can: upstream has no limit here, but
 * nor does it share the user's machine.
 */
const failureLimits = { shortest: 1000, longest: 60_000 };

function* wouldAdopt(pod: Persisted, informers: Informers): Iterable<ObjectKey> {
  if (controllerOf(pod) || pod.metadata.deletionTimestamp !== undefined) return;
  for (const set of informers.of(StatefulSet).list(pod.metadata.namespace)) {
    if (matchesLabelSelector(set.spec?.selector, pod.metadata.labels)) yield keyOf(set);
  }
}

/** Pods may wait for a claim of an earlier life to go. */
function* claimants(volumeClaim: Persisted, informers: Informers): Iterable<ObjectKey> {
  for (const set of informers.of(StatefulSet).list(volumeClaim.metadata.namespace)) {
    if (couldClaim(set, volumeClaim.metadata.name)) yield keyOf(set);
  }
}

interface Revisions extends PresentRevision {
  readonly current: TemplateRevision;
  readonly update: TemplateRevision;
}

/** Read once for all that is decided and written: what comes due in between would be forgotten. */
type Moment = Pick<StatefulSetState, 'heldBack' | 'now'>;

interface Observed extends Moment {
  readonly set: Persisted<StatefulSet>;
  readonly pods: readonly Persisted<Pod>[];
  /** Names of the current one and of the one to be reached. */
  readonly revisions: readonly [string, string];
  readonly collisionCount: number;
  readonly leaving: ReadonlySet<Persisted<Pod>>;
  readonly acted: boolean;
}

class StatefulSetReconciler {
  readonly #context: ControllerContext;
  readonly #sets: Informer<StatefulSet>;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #history: RevisionHistory<StatefulSet>;
  readonly #expectations: Expectations;
  readonly #failures: FailureBackoff;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#sets = context.informers.of(StatefulSet);
    this.#pods = context.informers.of(Pod);
    this.#claims = context.informers.of(PersistentVolumeClaim);
    this.#history = new RevisionHistory(StatefulSet, context, hashLabel);
    this.#expectations = new Expectations(context.clock);
    this.#failures = new FailureBackoff(context.clock, failureLimits);
    context.use(this.#sets.subscribe((event) => this.#observeSet(event)));
    context.use(this.#pods.subscribe((event) => this.#observePod(event)));
  }

  readonly reconcile: Reconcile = (key) => unlessNamespaceTerminates(() => this.#reconcile(key), {});

  async #reconcile(key: ObjectKey): Promise<Outcome> {
    const set = this.#sets.get(key);
    if (!set) return {};
    // Asked before the pods are read: a creation seen in between must not be missing from them.
    const mayAct = this.#expectations.satisfied(set.metadata.uid);
    const pods = await this.#claimed(set);
    const moment = this.#momentOf(set, pods);
    if (set.metadata.deletionTimestamp !== undefined) {
      const { currentRevision = '', updateRevision = '', collisionCount = 0 } = set.status ?? {};
      const revisions = [currentRevision, updateRevision] as const;
      await this.#writeStatus({ set, pods, revisions, collisionCount, leaving: new Set(), acted: mayAct, ...moment });
      return {};
    }
    const revisions = this.#revisionsOf(set, await this.#history.bringUpToDate(set));
    const { current, update, collisionCount } = revisions;
    const acted = mayAct ? await this.#manage(set, pods, revisions, moment) : undefined;
    const leaving = acted?.plan.replaced ?? new Set<Persisted<Pod>>();
    const names = [current.name, update.name] as const;
    await this.#writeStatus({ set, pods, revisions: names, collisionCount, leaving, acted: mayAct, ...moment });
    if (acted?.failure !== undefined) throw acted.failure;
    if (mayAct) await this.#truncate(set, pods, revisions);
    return requeue(set, pods, moment);
  }

  /** Kept by the set's uid: another set of that name owes nothing and awaits nothing. */
  #observeSet({ type, object: set }: InformerEvent<StatefulSet>): void {
    if (type !== 'delete') return;
    this.#expectations.forget(set.metadata.uid);
    this.#failures.forget(`${set.metadata.uid}/`);
  }

  #observePod({ object: pod, type, previous }: InformerEvent<Pod>): void {
    const owner = controllerOf(pod);
    if (!owner) return;
    const leaves = pod.metadata.deletionTimestamp !== undefined && previous?.metadata.deletionTimestamp === undefined;
    if (type === 'delete' || leaves) this.#expectations.deletionObserved(owner.uid, pod.metadata.uid);
    else if (type === 'add') this.#expectations.creationObserved(owner.uid);
  }

  /** Pods that the set controls. Only names that it would give can be its own. */
  #claimed(set: Persisted<StatefulSet>): Promise<readonly Persisted<Pod>[]> {
    const plan = planClaim(
      set,
      this.#pods.list(set.metadata.namespace),
      (pod) => ordinalOf(set, pod) !== undefined && matchesLabelSelector(set.spec?.selector, pod.metadata.labels),
    );
    return claim(this.#context.client, StatefulSet, set, Pod, plan);
  }

  /** The revision that the pods are at, as the status names it, and the one that they are to be at. */
  #revisionsOf(set: Persisted<StatefulSet>, history: PresentRevision): Revisions {
    const update = { name: history.present.metadata.name, template: set.spec?.template };
    const current = history.revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision);
    return { ...history, update, current: current ? templateRevision(current) : update };
  }

  async #manage(
    set: Persisted<StatefulSet>,
    pods: readonly Persisted<Pod>[],
    { current, update }: Revisions,
    moment: Moment,
  ): Promise<{ readonly plan: StatefulSetPlan; readonly failure: unknown }> {
    const namespace = set.metadata.namespace ?? '';
    const plan = planStatefulSet({
      set,
      pods,
      current,
      update,
      ...moment,
      claim: (name) => this.#claims.get({ namespace, name }),
    });
    const actions = plan.phases.flat(2);
    const key = set.metadata.uid;
    const deletions = actions.flatMap((action) => (action.type === 'deletePod' ? [action.pod] : []));
    for (const pod of deletions) if (isPodTerminal(pod)) this.#failures.next(failureKey(set, pod));
    this.#expectations.expect(
      key,
      actions.filter(({ type }) => type === 'createPod').length,
      deletions.map(({ metadata }) => metadata.uid),
    );
    const runner = new StepRunner(this.#context, set, {
      notCreated: () => this.#expectations.creationObserved(key),
      notDeleted: ({ metadata }) => this.#expectations.deletionObserved(key, metadata.uid),
    });
    const failure = await runner.run(plan.phases, set.spec?.podManagementPolicy === 'Parallel');
    return { plan, failure };
  }

  async #writeStatus({ revisions, acted, now, ...observed }: Observed): Promise<void> {
    const { set } = observed;
    const [current, update] = revisions;
    const generation = acted ? set.metadata.generation : set.status?.observedGeneration;
    const status = statefulSetStatus({ ...observed, current, update, generation }, now);
    if (deepEqual(status, set.status)) return;
    try {
      await this.#context.client.of(StatefulSet).updateStatus({ ...set, status });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }

  /** Revisions that no pod has and the set does not name are history, of which only so much is kept. */
  async #truncate(
    set: Persisted<StatefulSet>,
    pods: readonly Persisted<Pod>[],
    { revisions, current, update }: Revisions,
  ): Promise<void> {
    const live = new Set([current.name, update.name, ...pods.map(revisionOfPod)]);
    const history = revisions.filter(({ metadata }) => !live.has(metadata.name));
    await this.#history.remove(surplusRevisions(history, history.length - (set.spec?.revisionHistoryLimit ?? 10)));
  }

  #momentOf(set: Persisted<StatefulSet>, pods: readonly Persisted<Pod>[]): Moment {
    const waits = pods.map((pod) => [pod.metadata.name, this.#failures.remaining(failureKey(set, pod))] as const);
    return { now: this.#context.clock.now(), heldBack: new Map(waits.filter(([, wait]) => wait > 0)) };
  }
}

function requeue(set: StatefulSet, pods: readonly Persisted<Pod>[], { now, heldBack }: Moment): Outcome {
  const available = nextAvailability(pods, set.spec?.minReadySeconds ?? 0, now);
  const waits = pods
    .filter((pod) => isPodTerminal(pod) && !isPodTerminating(pod))
    .map(({ metadata }) => heldBack.get(metadata.name) ?? Infinity);
  const requeueAfter = Math.min(available ?? Infinity, ...waits);
  return requeueAfter === Infinity ? {} : { requeueAfter };
}

/** A new template may do better, so it begins without a wait. */
function failureKey(set: Persisted<StatefulSet>, pod: Persisted<Pod>): string {
  return `${set.metadata.uid}/${set.metadata.generation}/${pod.metadata.name}`;
}

/** @throws Error when the revision holds no template */
function templateRevision(revision: Persisted<ControllerRevision>): TemplateRevision {
  const { name } = revision.metadata;
  const template = templateOf(revision);
  if (!template) throw new Error(`ControllerRevision ${name} holds no pod template in data.spec.template`);
  return { name, template };
}

/** Keeps a pod on every node that is fit for it. */
import { deepEqual } from '../../../shared/deep.ts';
import { DaemonSet } from '../../../types/kinds/apps/daemon-set.ts';
import { Node } from '../../../types/kinds/core/node.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informer, InformerEvent, Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { Expectations } from '../framework/expectations.ts';
import { FailureBackoff } from '../framework/failure-backoff.ts';
import { unlessNamespaceTerminates } from '../framework/namespace-terminating.ts';
import { claim, controllerOf, planClaim } from '../framework/ownership.ts';
import { PodControl } from '../framework/pod-control.ts';
import { isPodTerminating, nextAvailability } from '../framework/pod-state.ts';
import { RevisionHistory } from '../framework/revision-history.ts';
import type { PresentRevision } from '../framework/revision-history.ts';
import { holdsTemplate, revisionHashLabel, surplusRevisions } from '../framework/revision-plan.ts';
import { newDaemonPod, targetNode } from './daemon-pod.ts';
import { planNodes, planRollingUpdate } from './plan.ts';
import type { DaemonSetPlan, DaemonSetState } from './plan.ts';
import { daemonSetStatus } from './status.ts';

export const daemonSetController: Controller<DaemonSet> = {
  name: 'daemonset-controller',
  account: 'daemon-set-controller',
  kind: DaemonSet,
  owns: [Pod],
  alsoWatches: [{ kind: Pod, concerns: wouldAdopt }],
  reconciler: (context) => new DaemonSetReconciler(context).reconcile,
};

/** Upstream's figures for daemons that fail on a node. */
const failureLimits = { shortest: 1000, longest: 15 * 60_000 };
/** At most this many creations or deletions in one go (upstream's BurstReplicas). */
const burst = 250;

function* wouldAdopt(pod: Persisted, informers: Informers): Iterable<ObjectKey> {
  if (controllerOf(pod) || pod.metadata.deletionTimestamp !== undefined) return;
  for (const set of informers.of(DaemonSet).list(pod.metadata.namespace)) {
    if (matchesLabelSelector(set.spec?.selector, pod.metadata.labels)) yield keyOf(set);
  }
}

class DaemonSetReconciler {
  readonly #context: ControllerContext;
  readonly #sets: Informer<DaemonSet>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #history: RevisionHistory<DaemonSet>;
  readonly #expectations: Expectations;
  readonly #podControl: PodControl;
  readonly #failures: FailureBackoff;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#sets = context.informers.of(DaemonSet);
    this.#pods = context.informers.of(Pod);
    this.#nodes = context.informers.of(Node);
    this.#history = new RevisionHistory(DaemonSet, context, revisionHashLabel);
    this.#expectations = new Expectations(context.clock);
    this.#podControl = new PodControl(context, this.#expectations);
    this.#failures = new FailureBackoff(context.clock, failureLimits);
    context.use(this.#sets.subscribe((event) => this.#observeSet(event)));
    context.use(this.#pods.subscribe((event) => this.#observePod(event)));
    context.use(this.#nodes.subscribe((event) => this.#observeNode(event)));
  }

  readonly reconcile: Reconcile = (key) => unlessNamespaceTerminates(() => this.#reconcile(key), {});

  async #reconcile(key: ObjectKey): Promise<Outcome> {
    const set = this.#sets.get(key);
    if (!set) return {};
    // Its revisions may be gone before its pods: nothing true could be said of it any more.
    if (set.metadata.deletionTimestamp !== undefined) return {};
    // Asked before the pods are read: a creation seen in between must not be missing from them.
    const mayAct = this.#expectations.satisfied(set.metadata.uid);
    const history = await this.#history.bringUpToDate(set);
    const state = await this.#stateOf(set, history);
    const failure = mayAct ? await this.#manage(state, hashOf(history.present)) : undefined;
    if (failure !== undefined) throw failure;
    if (mayAct) await this.#truncate(state, history);
    await this.#writeStatus(state, history.collisionCount, mayAct);
    return this.#requeue(state);
  }

  /** Kept by the set's uid: another set of that name owes nothing and awaits nothing. */
  #observeSet({ type, object: set }: InformerEvent<DaemonSet>): void {
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

  /** Nodes change with every heartbeat; only what decides about placement matters here. */
  #observeNode({ type, object: node, previous }: InformerEvent<Node>): void {
    const same =
      type === 'update' &&
      deepEqual(node.metadata.labels, previous.metadata.labels) &&
      deepEqual(node.spec?.taints, previous.spec?.taints);
    if (!same) for (const set of this.#sets.list()) this.#context.enqueue(keyOf(set));
  }

  async #stateOf(set: Persisted<DaemonSet>, history: PresentRevision): Promise<DaemonSetState> {
    const plan = planClaim(set, this.#pods.list(set.metadata.namespace), (pod) =>
      matchesLabelSelector(set.spec?.selector, pod.metadata.labels),
    );
    const nodes = this.#nodes.list();
    const waits = nodes.map(
      ({ metadata: { name } }) => [name, this.#failures.remaining(failureKey(set, name))] as const,
    );
    const same = history.revisions.filter((revision) => holdsTemplate(revision, set.spec?.template));
    return {
      set,
      nodes,
      pods: await claim(this.#context.client, DaemonSet, set, Pod, plan),
      hashes: new Set([history.present, ...same].map(hashOf)),
      heldBack: new Map(waits.filter(([, wait]) => wait > 0)),
      now: this.#context.clock.now(),
    };
  }

  /** Returns the error that kept it from doing all that was to be done. */
  async #manage(state: DaemonSetState, hash: string): Promise<unknown> {
    const plan = planNodes(state);
    this.#tellOfEnded(state.set, plan.ended);
    const isSettled = plan.create.length === 0 && plan.remove.length === 0;
    if (!isSettled) return this.#carryOut(state.set, plan, hash);
    if (state.set.spec?.updateStrategy?.type === 'OnDelete') return undefined;
    return this.#carryOut(state.set, planRollingUpdate(state), hash);
  }

  async #carryOut(set: Persisted<DaemonSet>, plan: DaemonSetPlan, hash: string): Promise<unknown> {
    const create = plan.create.slice(0, burst);
    const remove = plan.remove.slice(0, burst);
    if (create.length === 0 && remove.length === 0) return undefined;
    const uids = remove.map(({ metadata }) => metadata.uid);
    const { uid } = set.metadata;
    this.#expectations.expect(uid, create.length, uids);
    const notCreated = await this.#podControl.create(set, uid, create.length, (i) =>
      newDaemonPod(set, create[i] ?? '', hash),
    );
    const notDeleted = await this.#podControl.delete(set, uid, remove);
    return notCreated ?? notDeleted;
  }

  #tellOfEnded(set: Persisted<DaemonSet>, pods: readonly Persisted<Pod>[]): void {
    for (const pod of pods) {
      const node = targetNode(pod) ?? '';
      const failed = pod.status?.phase === 'Failed';
      const subject = `${failed ? 'failed' : 'succeeded'} daemon pod ${keyText(keyOf(pod))} on node ${node}`;
      if (failed) {
        this.#failures.next(failureKey(set, node));
        this.#context.event(set, 'Warning', 'FailedDaemonPod', `Found ${subject}, will try to kill it`);
      } else this.#context.event(set, 'Normal', 'SucceededDaemonPod', `Found ${subject}, will try to delete it`);
    }
  }

  /** Of the revisions that no pod has any more only so many are kept. */
  async #truncate({ set, pods, hashes }: DaemonSetState, { revisions }: PresentRevision): Promise<void> {
    const live = new Set(pods.map((pod) => pod.metadata.labels?.[revisionHashLabel]));
    const old = revisions.filter((revision) => !hashes.has(hashOf(revision)));
    const dead = old.filter((revision) => !live.has(hashOf(revision)));
    await this.#history.remove(surplusRevisions(dead, old.length - (set.spec?.revisionHistoryLimit ?? 10)));
  }

  async #writeStatus(state: DaemonSetState, collisionCount: number, acted: boolean): Promise<void> {
    const { set } = state;
    const generation = acted ? set.metadata.generation : set.status?.observedGeneration;
    const status = daemonSetStatus(state, collisionCount, generation);
    if (deepEqual(status, set.status)) return;
    try {
      await this.#context.client.of(DaemonSet).updateStatus({ ...set, status });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }

  /** By the times that were acted on: what comes due in between would be forgotten. */
  #requeue({ set, pods, heldBack, now }: DaemonSetState): Outcome {
    const available = nextAvailability(pods, set.spec?.minReadySeconds ?? 0, now);
    const waits = pods
      .filter((pod) => pod.status?.phase === 'Failed' && !isPodTerminating(pod))
      .map((pod) => heldBack.get(targetNode(pod) ?? '') ?? Infinity);
    const requeueAfter = Math.min(available ?? Infinity, ...waits);
    return requeueAfter === Infinity ? {} : { requeueAfter };
  }
}

/** A new template may do better, so it begins without a wait. */
function failureKey(set: Persisted<DaemonSet>, node: string): string {
  return `${set.metadata.uid}/${set.metadata.generation}/${node}`;
}

/** Revisions of other origin may lack the label; then their names serve. */
function hashOf({ metadata }: Persisted): string {
  return metadata.labels?.[revisionHashLabel] ?? metadata.name;
}

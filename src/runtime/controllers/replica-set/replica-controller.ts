/** Keeps as many pods of one template as asked for: ReplicaSets and ReplicationControllers alike. */
import { deepEqual } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { ReplicaSetStatus } from '../../../types/kinds/generated/apps-v1.gen.ts';
import type { PodTemplateSpec } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { LabelSelector } from '../../../types/kinds/generated/meta-v1.gen.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import { byOwner } from '../../client/informer.ts';
import type { Informer, InformerEvent, Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { Expectations } from '../framework/expectations.ts';
import { claim, controllerOf, planClaim } from '../framework/ownership.ts';
import { PodControl } from '../framework/pod-control.ts';
import { isPodActive, nextAvailability } from '../framework/pod-state.ts';
import { podFromTemplate } from '../framework/pod-template.ts';
import { planReplicas } from './plan.ts';
import type { ReplicaPlan } from './plan.ts';
import { replicaStatus } from './status.ts';

/** What both kinds have in their spec. */
interface ReplicaObject extends KubeObject {
  readonly spec?:
    | {
        readonly replicas?: number | undefined;
        readonly minReadySeconds?: number | undefined;
        readonly template?: PodTemplateSpec | undefined;
      }
    | undefined;
}

export interface ReplicaKind<T extends ReplicaObject> {
  readonly name: string;
  readonly kind: KindDefinition<T>;
  selector(object: T): LabelSelector | undefined;
  statusOf(object: T): ReplicaSetStatus | undefined;
  withStatus(object: Persisted<T>, status: ReplicaSetStatus): T;
}

export function replicaController<T extends ReplicaObject>(traits: ReplicaKind<T>): Controller<T> {
  return {
    name: traits.name,
    kind: traits.kind,
    owns: [Pod],
    alsoWatches: [{ kind: Pod, concerns: (pod, informers) => wouldAdopt(traits, pod, informers) }],
    reconciler: (context) => new ReplicaReconciler(traits, context).reconcile,
  };
}

/** Owners that select a pod without a controller. */
function* wouldAdopt<T extends ReplicaObject>(
  traits: ReplicaKind<T>,
  pod: Persisted,
  informers: Informers,
): Iterable<ObjectKey> {
  if (controllerOf(pod) || pod.metadata.deletionTimestamp !== undefined) return;
  for (const set of informers.of(traits.kind).list(pod.metadata.namespace)) {
    if (matchesLabelSelector(traits.selector(set), pod.metadata.labels)) yield keyOf(set);
  }
}

class ReplicaReconciler<T extends ReplicaObject> {
  readonly #traits: ReplicaKind<T>;
  readonly #context: ControllerContext;
  readonly #sets: Informer<T>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #podControl: PodControl;

  constructor(traits: ReplicaKind<T>, context: ControllerContext) {
    this.#traits = traits;
    this.#context = context;
    this.#sets = context.informers.of(traits.kind);
    this.#pods = context.informers.of(Pod);
    this.#expectations = new Expectations(context.clock);
    this.#podControl = new PodControl(context, this.#expectations);
    context.use(this.#pods.subscribe((event) => this.#observe(event)));
  }

  readonly reconcile: Reconcile = async (key): Promise<Outcome> => {
    const set = this.#sets.get(key);
    if (!set) {
      this.#expectations.forget(keyText(key));
      return {};
    }
    // Asked before the pods are read: a creation seen in between must not be missing from them.
    const mayAct = this.#expectations.satisfied(keyText(key));
    const pods = await this.#claimed(set);
    const failure = mayAct && set.metadata.deletionTimestamp === undefined ? await this.#manage(set, pods) : undefined;
    // One moment for both: what becomes available in between would be in neither.
    const now = this.#context.clock.now();
    await this.#writeStatus(set, pods, failure, now);
    if (failure !== undefined) throw failure;
    const requeueAfter = nextAvailability(pods, set.spec?.minReadySeconds ?? 0, now);
    return requeueAfter === undefined ? {} : { requeueAfter };
  };

  #observe(event: InformerEvent<Pod>): void {
    const { object: pod, type, previous } = event;
    const owner = this.#ownerKey(pod);
    if (owner === undefined) return;
    const leaving = pod.metadata.deletionTimestamp !== undefined;
    if (type === 'delete' || (leaving && previous?.metadata.deletionTimestamp === undefined)) {
      this.#expectations.deletionObserved(owner, pod.metadata.uid);
    } else if (type === 'add') {
      this.#expectations.creationObserved(owner);
    }
  }

  #ownerKey(pod: Persisted<Pod>): string | undefined {
    const owner = controllerOf(pod);
    if (owner?.kind !== this.#traits.kind.kind) return undefined;
    const key = { namespace: pod.metadata.namespace ?? '', name: owner.name };
    return this.#sets.get(key)?.metadata.uid === owner.uid ? keyText(key) : undefined;
  }

  /** Pods that the set controls, terminated and terminating ones included. */
  async #claimed(set: Persisted<T>): Promise<readonly Persisted<Pod>[]> {
    const selector = this.#traits.selector(set);
    const plan = planClaim(set, this.#pods.list(set.metadata.namespace), (pod) =>
      matchesLabelSelector(selector, pod.metadata.labels),
    );
    // Terminated pods are not worth adopting.
    const live = { ...plan, adopt: plan.adopt.filter(isPodActive) };
    return claim(this.#context.client, this.#traits.kind, set, Pod, live);
  }

  /** Creates or deletes pods. Returns the error that kept it from doing all of it. */
  async #manage(set: Persisted<T>, pods: readonly Persisted<Pod>[]): Promise<unknown> {
    const active = pods.filter(isPodActive);
    const plan = planReplicas(set.spec?.replicas ?? 1, active, this.#related(set, active), this.#context.clock.now());
    if (plan.create > 0) return this.#create(set, plan.create);
    if (plan.remove.length > 0) return this.#remove(set, plan);
    return undefined;
  }

  #related(set: Persisted<T>, own: readonly Persisted<Pod>[]): readonly Persisted<Pod>[] {
    const owner = controllerOf(set);
    if (!owner) return own;
    return this.#sets
      .indexed(byOwner, owner.uid)
      .flatMap((sibling) => this.#pods.indexed(byOwner, sibling.metadata.uid))
      .filter(isPodActive);
  }

  #create(set: Persisted<T>, count: number): Promise<unknown> {
    const pod = podFromTemplate(set.spec?.template, set);
    const key = keyText(keyOf(set));
    this.#expectations.expectCreations(key, count);
    return this.#podControl.create(set, key, count, () => pod);
  }

  #remove(set: Persisted<T>, plan: ReplicaPlan): Promise<unknown> {
    const key = keyText(keyOf(set));
    const uids = plan.remove.map((pod) => pod.metadata.uid);
    this.#expectations.expectDeletions(key, uids);
    return this.#podControl.delete(set, key, plan.remove);
  }

  async #writeStatus(set: Persisted<T>, pods: readonly Persisted<Pod>[], failure: unknown, now: Date): Promise<void> {
    const current = this.#traits.statusOf(set);
    const next = replicaStatus(
      {
        generation: set.metadata.generation,
        replicas: set.spec?.replicas ?? 1,
        minReadySeconds: set.spec?.minReadySeconds ?? 0,
        templateLabels: set.spec?.template?.metadata?.labels ?? {},
        conditions: current?.conditions,
      },
      pods,
      failure === undefined ? undefined : messageOf(failure),
      now,
    );
    const object = this.#traits.withStatus(set, withoutZeros(next));
    if (deepEqual(this.#traits.statusOf(object), current && withoutZeros(current))) return;
    try {
      await this.#context.client.of(this.#traits.kind).updateStatus(object);
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }
}

/** Zero counts are left out on the wire, save the total (omitempty). */
function withoutZeros(status: ReplicaSetStatus): ReplicaSetStatus {
  const {
    fullyLabeledReplicas,
    readyReplicas,
    availableReplicas,
    conditions,
    observedGeneration,
    terminatingReplicas,
  } = status;
  return {
    replicas: status.replicas,
    ...(fullyLabeledReplicas ? { fullyLabeledReplicas } : {}),
    ...(readyReplicas ? { readyReplicas } : {}),
    ...(availableReplicas ? { availableReplicas } : {}),
    ...(terminatingReplicas === undefined ? {} : { terminatingReplicas }),
    ...(observedGeneration ? { observedGeneration } : {}),
    ...(conditions && conditions.length > 0 ? { conditions } : {}),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

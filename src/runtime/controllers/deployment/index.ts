/** Rolls a Deployment's template out over ReplicaSets. */
import { deepEqual } from '../../../shared/deep.ts';
import { Deployment } from '../../../types/kinds/apps/deployment.ts';
import { ReplicaSet } from '../../../types/kinds/apps/replica-set.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { findCondition } from '../../../types/conditions.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import { byOwner } from '../../client/informer.ts';
import type { Informer, Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { claim, controllerOf, isControlledBy, planClaim } from '../framework/ownership.ts';
import { isPodTerminal } from '../framework/pod-state.ts';
import { isNamespaceTerminating } from '../framework/namespace-terminating.ts';
import { planDeployment } from './plan.ts';
import type { DeploymentPlan } from './plan.ts';
import { equalTemplates, revisionAnnotation, revisionsOf } from './revisions.ts';
import { deploymentStatus, normalized, pauseNote, untilDeadline } from './status.ts';
import type { ProgressNote } from './status.ts';

export const deploymentController: Controller<Deployment> = {
  name: 'deployment-controller',
  kind: Deployment,
  owns: [ReplicaSet],
  alsoWatches: [
    { kind: ReplicaSet, concerns: wouldAdopt },
    { kind: Pod, concerns: waitsForPod },
  ],
  reconciler: (context) => new DeploymentReconciler(context).reconcile,
};

function* wouldAdopt(set: Persisted, informers: Informers): Iterable<ObjectKey> {
  if (controllerOf(set) || set.metadata.deletionTimestamp !== undefined) return;
  for (const deployment of informers.of(Deployment).list(set.metadata.namespace)) {
    if (matchesLabelSelector(deployment.spec?.selector, set.metadata.labels)) yield keyOf(deployment);
  }
}

/** Recreate starts new pods when the last old one is gone, which no ReplicaSet's status tells exactly. */
function* waitsForPod(pod: Persisted, informers: Informers): Iterable<ObjectKey> {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet') return;
  const namespace = pod.metadata.namespace ?? '';
  const set = informers.of(ReplicaSet).get({ namespace, name: owner.name });
  const name = set && controllerOf(set)?.name;
  const deployment = name === undefined ? undefined : informers.of(Deployment).get({ namespace, name });
  if (deployment?.spec?.strategy?.type === 'Recreate') yield keyOf(deployment);
}

class DeploymentReconciler {
  readonly #context: ControllerContext;
  readonly #deployments: Informer<Deployment>;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#deployments = context.informers.of(Deployment);
    this.#sets = context.informers.of(ReplicaSet);
    this.#pods = context.informers.of(Pod);
  }

  readonly reconcile: Reconcile = async (key): Promise<Outcome> => {
    const deployment = this.#deployments.get(key);
    if (!deployment) return {};
    if (selectsEverything(deployment)) return this.#refuse(deployment);
    const sets = await this.#claimed(deployment);
    const plan = planDeployment({ deployment, sets, oldPodsRemain: this.#oldPodsRemain(deployment, sets) });
    const acted = await this.#act(deployment, sets, plan);
    const { clock } = this.#context;
    const marked = await this.#mark(acted.deployment, plan.revision);
    const { current } = revisionsOf(marked, acted.sets);
    const note = acted.note ?? pauseNote(marked);
    const observed = { current, all: acted.sets };
    const status = normalized(deploymentStatus(marked, observed, note, plan.scalingOnly, clock.now()));
    if (!deepEqual(normalized(marked.status), status)) {
      await this.#context.client.of(Deployment).updateStatus({ ...marked, status });
    }
    if (acted.failure !== undefined) throw acted.failure;
    const requeueAfter = untilDeadline(marked, status, clock.now());
    return requeueAfter === undefined ? {} : { requeueAfter };
  };

  async #refuse(deployment: Persisted<Deployment>): Promise<Outcome> {
    const text = 'This deployment is selecting all pods. A non-empty selector is required.';
    this.#context.event(deployment, 'Warning', 'SelectingAll', text);
    const { generation } = deployment.metadata;
    if ((deployment.status?.observedGeneration ?? 0) < (generation ?? 0)) {
      const status = { ...deployment.status, observedGeneration: generation };
      await this.#context.client.of(Deployment).updateStatus({ ...deployment, status });
    }
    return {};
  }

  #claimed(deployment: Persisted<Deployment>): Promise<readonly Persisted<ReplicaSet>[]> {
    const plan = planClaim(deployment, this.#sets.list(deployment.metadata.namespace), (set) =>
      matchesLabelSelector(deployment.spec?.selector, set.metadata.labels),
    );
    return claim(this.#context.client, Deployment, deployment, ReplicaSet, plan);
  }

  #oldPodsRemain(deployment: Persisted<Deployment>, sets: readonly Persisted<ReplicaSet>[]): boolean {
    const { old } = revisionsOf(deployment, sets);
    return old.some((set) =>
      this.#pods.indexed(byOwner, set.metadata.uid).some((pod) => isControlledBy(pod, set) && !isPodTerminal(pod)),
    );
  }

  async #act(
    deployment: Persisted<Deployment>,
    sets: readonly Persisted<ReplicaSet>[],
    plan: DeploymentPlan,
  ): Promise<Acted> {
    const client = this.#context.client.of(ReplicaSet);
    const byUid = new Map(sets.map((set) => [set.metadata.uid, set]));
    for (const { from, to } of plan.updates) {
      byUid.set(from.metadata.uid, await client.update(to));
      this.#tellScaling(deployment, from.metadata.name, from.spec?.replicas ?? 1, to.spec?.replicas ?? 1);
    }
    await Promise.all(
      plan.remove.map((set) =>
        client.delete(keyOf(set), { preconditions: { uid: set.metadata.uid }, propagationPolicy: 'Background' }),
      ),
    );
    const acted: Acted = { deployment, sets: [...byUid.values()], note: undefined, failure: undefined };
    const created = plan.create ? await this.#create(acted, plan.create) : acted;
    const { current } = revisionsOf(created.deployment, created.sets);
    const hasCondition = findCondition(deployment.status?.conditions, 'Progressing') !== undefined;
    if (created.note || hasCondition || !current || plan.scalingOnly) return created;
    return { ...created, note: progress('FoundNewReplicaSet', `Found new replica set "${current.metadata.name}"`) };
  }

  async #create(acted: Acted, set: ReplicaSet): Promise<Acted> {
    const { deployment } = acted;
    const name = set.metadata.name ?? '';
    try {
      const created = await this.#context.client.of(ReplicaSet).create(set);
      this.#tellScaling(deployment, name, 0, set.spec?.replicas ?? 0);
      const note = progress('NewReplicaSetCreated', `Created new replica set "${name}"`);
      return { ...acted, sets: [...acted.sets, created], note };
    } catch (error) {
      if (isFailure(error, 'AlreadyExists')) return this.#collide(acted, set);
      if (isNamespaceTerminating(error)) return acted;
      const message = error instanceof Error ? error.message : String(error);
      const text = `Failed to create new replica set "${name}": ${message}`;
      return { ...acted, note: { status: 'False', reason: 'ReplicaSetCreateError', message: text }, failure: error };
    }
  }

  /** The name is taken: by our own earlier creation that the local copy lags behind, or by another template with that hash. */
  async #collide(acted: Acted, set: ReplicaSet): Promise<Acted> {
    const { deployment } = acted;
    const existing = await this.#context.client.of(ReplicaSet).get(keyOf(set));
    if (
      existing &&
      isControlledBy(existing, deployment) &&
      equalTemplates(existing.spec?.template, set.spec?.template)
    ) {
      return { ...acted, sets: [...acted.sets, existing] };
    }
    // The count salts the hash, so that the next attempt has another name.
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    const salted = await this.#context.client
      .of(Deployment)
      .updateStatus({ ...deployment, status: { ...deployment.status, collisionCount } });
    const failure = existing && new Error(`the hash of ${set.metadata.name ?? ''} collides with another template`);
    return { ...acted, deployment: salted, failure };
  }

  #tellScaling(deployment: Persisted<Deployment>, set: string, from: number, to: number): void {
    if (from === to) return;
    const direction = to > from ? 'up' : 'down';
    const text = `Scaled ${direction} replica set ${set} from ${from} to ${to}`;
    this.#context.event(deployment, 'Normal', 'ScalingReplicaSet', text);
  }

  async #mark(deployment: Persisted<Deployment>, revision: string | undefined): Promise<Persisted<Deployment>> {
    if (revision === undefined || deployment.metadata.annotations?.[revisionAnnotation] === revision) return deployment;
    const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision };
    const metadata = { ...deployment.metadata, annotations };
    // With the status, as upstream: an update of the object itself would count as a new generation.
    return this.#context.client.of(Deployment).updateStatus({ ...deployment, metadata });
  }
}

interface Acted {
  readonly deployment: Persisted<Deployment>;
  readonly sets: readonly Persisted<ReplicaSet>[];
  readonly note: ProgressNote | undefined;
  readonly failure: unknown;
}

function progress(reason: string, message: string): ProgressNote {
  return { status: 'True', reason, message };
}

function selectsEverything(deployment: Deployment): boolean {
  const { matchLabels = {}, matchExpressions = [] } = deployment.spec?.selector ?? {};
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

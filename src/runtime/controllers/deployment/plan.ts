/** What a Deployment's ReplicaSets are to become in this step. Pure. */
import { deepEqual } from '../../../shared/deep.ts';
import type { Deployment } from '../../../types/kinds/apps/deployment.ts';
import type { ReplicaSet } from '../../../types/kinds/apps/replica-set.ts';
import type { Persisted } from '../../../types/meta.ts';
import { rolloutLimits } from './limits.ts';
import type { RolloutLimits } from './limits.ts';
import { planProportionalScale } from './proportional-scale.ts';
import {
  annotatedSize,
  byAge,
  desiredAnnotation,
  newReplicaSet,
  nextRevision,
  revisionAnnotations,
  revisionOf,
  revisionsOf,
  sizeAnnotations,
} from './revisions.ts';
import { isComplete } from './status.ts';

/** A ReplicaSet while it is being planned: what it is, and what it is to be. */
export interface Planned {
  readonly object: Persisted<ReplicaSet> | undefined;
  readonly desired: ReplicaSet;
  replicas: number;
  annotations: Readonly<Record<string, string>>;
}

export interface DeploymentPlan {
  /** The present revision's ReplicaSet that has to be created. */
  readonly create: ReplicaSet | undefined;
  readonly updates: readonly { readonly from: Persisted<ReplicaSet>; readonly to: ReplicaSet }[];
  readonly remove: readonly Persisted<ReplicaSet>[];
  /** The revision that the Deployment is to be marked with. */
  readonly revision: string | undefined;
  /** Only the status moves on: what is decided now must not be read as progress or lack of it. */
  readonly scalingOnly: boolean;
}

export interface DeploymentState {
  readonly deployment: Persisted<Deployment>;
  readonly sets: readonly Persisted<ReplicaSet>[];
  /** Whether pods of old revisions still run or have yet to end; of interest to Recreate only. */
  readonly oldPodsRemain: boolean;
}

export function planDeployment(state: DeploymentState): DeploymentPlan {
  const { deployment, sets } = state;
  const limits = rolloutLimits(deployment);
  const { current, old } = revisionsOf(deployment, sets);
  if (deployment.metadata.deletionTimestamp !== undefined) {
    return { create: undefined, updates: [], remove: [], revision: undefined, scalingOnly: true };
  }
  const revision = nextRevision(old);
  const plannedOld = old.map(plannedOf);
  const present = current && plannedOf(current);
  if (present) present.annotations = revisionAnnotations(deployment, present.desired, revision, undefined);
  const paused = deployment.spec?.paused === true;
  if (paused || isScaling(limits.replicas, sets)) {
    planProportionalScale(deployment, limits, present, plannedOld);
    return finish(state, present, plannedOld, true, paused);
  }
  if (deployment.spec?.strategy?.type === 'Recreate') return planRecreate(state, limits, present, plannedOld, revision);
  const next = present ?? plannedNew(deployment, limits, plannedOld, revision);
  const moved = scaleUpNew(limits, next, plannedOld);
  if (!moved) scaleDownOld(limits, next, plannedOld);
  return finish(state, next, plannedOld, false, false);
}

function planRecreate(
  state: DeploymentState,
  limits: RolloutLimits,
  present: Planned | undefined,
  old: readonly Planned[],
  revision: bigint,
): DeploymentPlan {
  const active = old.filter((set) => set.replicas > 0);
  for (const set of active) resize(set, 0, limits);
  const ended =
    active.length === 0 && !state.oldPodsRemain && old.every((set) => (set.object?.status?.replicas ?? 0) === 0);
  if (!ended) return finish(state, present, old, false, false);
  const next = present ?? plannedNew(state.deployment, limits, old, revision);
  if (next.replicas !== limits.replicas) resize(next, limits.replicas, limits);
  return finish(state, next, old, false, false);
}

function plannedOf(object: Persisted<ReplicaSet>): Planned {
  return {
    object,
    desired: object,
    replicas: object.spec?.replicas ?? 1,
    annotations: object.metadata.annotations ?? {},
  };
}

function plannedNew(
  deployment: Persisted<Deployment>,
  limits: RolloutLimits,
  old: readonly Planned[],
  revision: bigint,
): Planned {
  const desired = newReplicaSet(deployment);
  const sizes = { replicas: limits.replicas, maxReplicas: limits.replicas + limits.maxSurge };
  const annotations = revisionAnnotations(deployment, desired, revision, sizes);
  const planned: Planned = { object: undefined, desired, replicas: 0, annotations };
  const recreate = deployment.spec?.strategy?.type === 'Recreate';
  planned.replicas = recreate ? limits.replicas : newReplicas(limits, planned, old);
  return planned;
}

/** The size was changed since the ReplicaSets were last given theirs. */
function isScaling(replicas: number, sets: readonly ReplicaSet[]): boolean {
  return sets.some((set) => {
    const annotated = annotatedSize(set, desiredAnnotation);
    return (set.spec?.replicas ?? 1) > 0 && annotated !== undefined && annotated !== replicas;
  });
}

/** As many pods of the new revision as the surge leaves room for. */
function newReplicas(limits: RolloutLimits, next: Planned, old: readonly Planned[]): number {
  const total = next.replicas + old.reduce((sum, set) => sum + set.replicas, 0);
  const room = limits.replicas + limits.maxSurge - total;
  return room <= 0 ? next.replicas : next.replicas + Math.min(room, limits.replicas - next.replicas);
}

function scaleUpNew(limits: RolloutLimits, next: Planned, old: readonly Planned[]): boolean {
  if (!next.object || next.replicas === limits.replicas) return false;
  const replicas = next.replicas > limits.replicas ? limits.replicas : newReplicas(limits, next, old);
  if (replicas === next.replicas) return false;
  resize(next, replicas, limits);
  return true;
}

/** First pods that do no good anyway, then as many as the available ones allow. */
function scaleDownOld(limits: RolloutLimits, next: Planned, old: readonly Planned[]): void {
  const oldTotal = old.reduce((sum, set) => sum + set.replicas, 0);
  if (oldTotal === 0) return;
  const minAvailable = limits.replicas - limits.maxUnavailable;
  const newUnavailable = next.replicas - available(next);
  let removable = oldTotal + next.replicas - minAvailable - newUnavailable;
  if (removable <= 0) return;
  const oldest = old
    .filter((set) => set.object !== undefined)
    .sort((a, b) => (a.object && b.object ? byAge(a.object, b.object) : 0));
  for (const set of oldest) {
    const unhealthy = Math.min(removable, set.replicas - available(set));
    if (set.replicas === 0 || unhealthy <= 0) continue;
    resize(set, set.replicas - unhealthy, limits);
    removable -= unhealthy;
  }
  let surplus = available(next) + old.reduce((sum, set) => sum + available(set), 0) - minAvailable;
  for (const set of oldest) {
    if (surplus <= 0) break;
    const count = Math.min(set.replicas, surplus);
    if (count === 0) continue;
    resize(set, set.replicas - count, limits);
    surplus -= count;
  }
}

function available(set: Planned): number {
  return set.object?.status?.availableReplicas ?? 0;
}

export function resize(set: Planned, replicas: number, limits: RolloutLimits): void {
  set.replicas = replicas;
  set.annotations = {
    ...set.annotations,
    ...sizeAnnotations({ replicas: limits.replicas, maxReplicas: limits.replicas + limits.maxSurge }),
  };
}

function finish(
  state: DeploymentState,
  next: Planned | undefined,
  old: readonly Planned[],
  scalingOnly: boolean,
  paused: boolean,
): DeploymentPlan {
  const { deployment } = state;
  const updates: { from: Persisted<ReplicaSet>; to: ReplicaSet }[] = [];
  for (const set of next ? [next, ...old] : old) {
    if (!set.object) continue;
    const minReadySeconds = set === next ? deployment.spec?.minReadySeconds : set.object.spec?.minReadySeconds;
    const to = sized(set, minReadySeconds);
    if (!deepEqual(to, set.object)) updates.push({ from: set.object, to });
  }
  const settled = updates.length === 0 && next?.object !== undefined && isComplete(deployment, deployment.status ?? {});
  const create = next && !next.object ? sized(next, next.desired.spec?.minReadySeconds) : undefined;
  const revision = next?.annotations['deployment.kubernetes.io/revision'];
  return {
    create,
    updates,
    remove: paused || (settled && !scalingOnly) ? surplusHistory(deployment, old) : [],
    revision,
    scalingOnly,
  };
}

function sized(set: Planned, minReadySeconds: number | undefined): ReplicaSet {
  const { desired } = set;
  const metadata =
    Object.keys(set.annotations).length === 0
      ? desired.metadata
      : { ...desired.metadata, annotations: set.annotations };
  if (!desired.spec) return desired;
  const unchanged = (desired.spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0);
  return {
    ...desired,
    metadata,
    spec: {
      ...desired.spec,
      replicas: set.replicas,
      ...(unchanged ? {} : { minReadySeconds }),
    },
  };
}

/** The oldest revisions beyond `revisionHistoryLimit`; whatever still has pods stays. */
function surplusHistory(deployment: Deployment, old: readonly Planned[]): readonly Persisted<ReplicaSet>[] {
  const limit = deployment.spec?.revisionHistoryLimit ?? 10;
  const candidates = old
    .map((set) => set.object)
    .filter((set) => set !== undefined && set.metadata.deletionTimestamp === undefined)
    .filter((set) => set !== undefined);
  const surplus = candidates.length - limit;
  if (surplus <= 0) return [];
  return candidates
    .sort((a, b) => Number(revisionOf(a) - revisionOf(b)) || byAge(a, b))
    .slice(0, surplus)
    .filter(
      (set) =>
        (set.status?.replicas ?? 0) === 0 &&
        (set.spec?.replicas ?? 1) === 0 &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    );
}

/** What a Deployment's status says of its ReplicaSets. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { findCondition, removeCondition } from '../../../types/conditions.ts';
import type { DeploymentCondition, DeploymentStatus } from '../../../types/kinds/generated/apps-v1.gen.ts';
import type { Deployment } from '../../../types/kinds/apps/deployment.ts';
import type { ReplicaSet } from '../../../types/kinds/apps/replica-set.ts';
import type { Persisted } from '../../../types/meta.ts';
import { rolloutLimits } from './limits.ts';

/** The value that stands for "no deadline". */
const noDeadline = 2_147_483_647;

export interface ObservedSets {
  readonly current: Persisted<ReplicaSet> | undefined;
  readonly all: readonly Persisted<ReplicaSet>[];
}

/** An event in the life of the rollout that is told as the reason of the condition Progressing. */
export interface ProgressNote {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export function deploymentStatus(
  deployment: Persisted<Deployment>,
  sets: ObservedSets,
  note: ProgressNote | undefined,
  scalingOnly: boolean,
  now: Date,
): DeploymentStatus {
  const before: Deployment = note && hasDeadline(deployment) ? withNote(deployment, note, now) : deployment;
  const status = countedStatus(before, sets, now);
  if (scalingOnly) return status;
  return { ...status, conditions: rolloutConditions(before, status, sets, now) };
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const replicas = deployment.spec?.replicas ?? 1;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** When the deadline for progress will have passed; undefined when it does not run. */
export function untilDeadline(deployment: Deployment, status: DeploymentStatus, now: Date): Milliseconds | undefined {
  const condition = findCondition(status.conditions, 'Progressing');
  if (!hasDeadline(deployment) || !condition || isComplete(deployment, status)) return undefined;
  if (condition.reason === 'ProgressDeadlineExceeded' || deployment.spec?.paused === true) return undefined;
  const from = new Date(condition.lastUpdateTime ?? now).getTime();
  // A second more, since the API's timestamps are cut to whole seconds.
  return Math.max(0, from + deadlineOf(deployment) * 1000 - now.getTime()) + 1000;
}

/** Marks the beginning and the end of a pause; undefined when there is nothing to mark. */
export function pauseNote(deployment: Deployment): ProgressNote | undefined {
  if (!hasDeadline(deployment)) return undefined;
  const condition = findCondition(deployment.status?.conditions, 'Progressing');
  // The verdict of a missed deadline is not to be lost.
  if (condition?.reason === 'ProgressDeadlineExceeded') return undefined;
  const marked = condition?.reason === 'DeploymentPaused';
  const paused = deployment.spec?.paused === true;
  if (paused && !marked) return { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  if (!paused && marked) return { status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' };
  return undefined;
}

/** Counts that are zero are absent on the wire. */
export function normalized(status: DeploymentStatus | undefined): DeploymentStatus {
  const entries = Object.entries(status ?? {}).filter(
    ([key, value]) =>
      key === 'terminatingReplicas' ||
      (value !== 0 && value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
  return Object.fromEntries(entries);
}

function hasDeadline(deployment: Deployment): boolean {
  return deadlineOf(deployment) !== noDeadline;
}

function deadlineOf(deployment: Deployment): number {
  return deployment.spec?.progressDeadlineSeconds ?? noDeadline;
}

function countedStatus(deployment: Deployment, sets: ObservedSets, now: Date): DeploymentStatus {
  const { all, current } = sets;
  const limits = rolloutLimits(deployment);
  const available = sum(all, (set) => set.status?.availableReplicas);
  const wanted = sum(all, (set) => set.spec?.replicas ?? 1);
  const isAvailable = available >= limits.replicas - limits.maxUnavailable;
  const collisions = deployment.status?.collisionCount;
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(all, (set) => set.status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(all, (set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
    terminatingReplicas: sum(all, (set) => set.status?.terminatingReplicas),
    ...(collisions === undefined ? {} : { collisionCount: collisions }),
    conditions: withCondition(deployment.status?.conditions ?? [], {
      type: 'Available',
      status: isAvailable ? 'True' : 'False',
      reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: isAvailable ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
      ...at(now),
    }),
  };
}

function rolloutConditions(
  deployment: Persisted<Deployment> | Deployment,
  status: DeploymentStatus,
  sets: ObservedSets,
  now: Date,
): readonly DeploymentCondition[] {
  let conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) conditions = removeCondition(conditions, 'Progressing');
  else conditions = progressConditions(deployment, status, sets.current, conditions, now);
  const failure = failureCondition(sets);
  return failure ? withCondition(conditions, failure) : removeCondition(conditions, 'ReplicaFailure');
}

function progressConditions(
  deployment: Deployment,
  status: DeploymentStatus,
  current: Persisted<ReplicaSet> | undefined,
  conditions: readonly DeploymentCondition[],
  now: Date,
): readonly DeploymentCondition[] {
  const condition = findCondition(deployment.status?.conditions, 'Progressing');
  // Once complete, a pod that comes or goes is no rollout.
  if (status.replicas === status.updatedReplicas && condition?.reason === 'NewReplicaSetAvailable') return conditions;
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name ?? ''}"`;
  const next = (state: 'True' | 'False', reason: string, message: string): DeploymentCondition => ({
    type: 'Progressing',
    status: state,
    reason,
    message: `${subject} ${message}`,
    ...at(now),
  });
  if (isComplete(deployment, status)) {
    return withCondition(conditions, next('True', 'NewReplicaSetAvailable', 'has successfully progressed.'));
  }
  if (isProgressing(deployment.status ?? {}, status)) {
    const progressing = next('True', 'ReplicaSetUpdated', 'is progressing.');
    const kept = condition?.status === 'True' ? condition.lastTransitionTime : undefined;
    // Each step starts the deadline anew, so the time of update must move even where nothing else does.
    return [
      ...removeCondition(conditions, 'Progressing'),
      kept === undefined ? progressing : { ...progressing, lastTransitionTime: kept },
    ];
  }
  if (hasTimedOut(deployment, condition, now)) {
    return withCondition(conditions, next('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'));
  }
  return conditions;
}

function isProgressing(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function hasTimedOut(deployment: Deployment, condition: DeploymentCondition | undefined, now: Date): boolean {
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  const from = new Date(condition.lastUpdateTime ?? now).getTime();
  return from + deadlineOf(deployment) * 1000 < now.getTime();
}

/** A ReplicaSet that cannot make its pods makes the Deployment say so; the present revision's word comes first. */
function failureCondition({ all, current }: ObservedSets): DeploymentCondition | undefined {
  for (const set of current ? [current, ...all] : all) {
    const failure = findCondition(set.status?.conditions, 'ReplicaFailure');
    if (failure?.status !== 'True') continue;
    const { reason, message, lastTransitionTime } = failure;
    return {
      type: 'ReplicaFailure',
      status: 'True',
      reason,
      message,
      lastTransitionTime,
      lastUpdateTime: lastTransitionTime,
    };
  }
  return undefined;
}

/** A condition with the same status and reason stays as it is, its times and message included. */
function withCondition(
  conditions: readonly DeploymentCondition[],
  next: DeploymentCondition,
): readonly DeploymentCondition[] {
  const current = findCondition(conditions, next.type);
  if (current?.status === next.status && current.reason === next.reason) return conditions;
  const kept = current?.status === next.status ? { lastTransitionTime: current.lastTransitionTime } : {};
  return [...removeCondition(conditions, next.type), { ...next, ...kept }];
}

function withNote(deployment: Persisted<Deployment>, note: ProgressNote, now: Date): Deployment {
  const conditions = withCondition(deployment.status?.conditions ?? [], { type: 'Progressing', ...note, ...at(now) });
  return { ...deployment, status: { ...deployment.status, conditions } };
}

function at(now: Date): { lastUpdateTime: string; lastTransitionTime: string } {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  return { lastUpdateTime: time, lastTransitionTime: time };
}

function sum(sets: readonly Persisted<ReplicaSet>[], count: (set: ReplicaSet) => number | undefined): number {
  return sets.reduce((total, set) => total + (count(set) ?? 0), 0);
}

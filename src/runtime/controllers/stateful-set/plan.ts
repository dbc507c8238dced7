/** What is to be done about a set's pods and claims in this step. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { scaledValue } from '../../../types/int-or-string.ts';
import type { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { PodTemplateSpec } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { ObjectMeta, Persisted } from '../../../types/meta.ts';
import { isPodTerminal, isPodTerminating, untilAvailable } from '../framework/pod-state.ts';
import { firstOwners, goesWithEarlierPod, hasForeignController, plannedOwners } from './claim-retention.ts';
import {
  claimsOf,
  isInRange,
  newStatefulPod,
  ordinalOf,
  ordinalsOf,
  podName,
  repairedPod,
  revisionOfPod,
} from './stateful-pod.ts';

export interface TemplateRevision {
  readonly name: string;
  readonly template: PodTemplateSpec | undefined;
}

export interface StatefulSetState {
  readonly set: Persisted<StatefulSet>;
  /** Those that the set controls. */
  readonly pods: readonly Persisted<Pod>[];
  readonly current: TemplateRevision;
  readonly update: TemplateRevision;
  /** Pods that failed, and whose names failed so often that the next attempt has to wait, and how long. */
  readonly heldBack: ReadonlyMap<string, Milliseconds>;
  claim(name: string): Persisted<PersistentVolumeClaim> | undefined;
  readonly now: Date;
}

export type StatefulSetAction =
  | { readonly type: 'createPod'; readonly pod: Pod }
  | { readonly type: 'updatePod'; readonly pod: Pod }
  | { readonly type: 'deletePod'; readonly pod: Persisted<Pod> }
  | { readonly type: 'createClaim'; readonly pod: Pod; readonly claim: PersistentVolumeClaim }
  | { readonly type: 'updateClaim'; readonly claim: PersistentVolumeClaim }
  /** The retention policy cannot be carried out on a claim. */
  | { readonly type: 'warnOfController'; readonly claim: string }
  /** The pod cannot be created now: its claim is on its way out. */
  | { readonly type: 'failCreation'; readonly pod: Pod; readonly message: string };

/** What is done about one pod, in this order. */
export type Step = readonly StatefulSetAction[];

export interface StatefulSetPlan {
  /** The steps of a phase may be taken at once where the set is managed in parallel; phases follow each other. */
  readonly phases: readonly (readonly Step[])[];
  /** Pods that go so that their successors have the new template. */
  readonly replaced: ReadonlySet<Persisted<Pod>>;
}

const nothing: StatefulSetPlan = { phases: [], replaced: new Set() };

export function planStatefulSet(state: StatefulSetState): StatefulSetPlan {
  const { set } = state;
  if (set.metadata.deletionTimestamp !== undefined) return nothing;
  const ordered = set.spec?.podManagementPolicy !== 'Parallel';
  const { replicas, unlisted, condemned } = divide(state);
  const kept = planEach(replicas, (replica) => planReplica(state, replica, ordered), ordered);
  if (kept.blocked) return { ...nothing, phases: [kept.steps] };
  const claims = condemned.map((pod) => claimUpdates(state, pod)).filter((step) => step.length > 0);
  const unavailable = firstUnavailable(state, replicas, condemned);
  const gone = planEach(condemned, (pod) => planCondemned(state, pod, unavailable, ordered), ordered);
  const phases = [kept.steps, claims, gone.steps].filter((steps) => steps.length > 0);
  if (gone.blocked) return { phases, replaced: new Set() };
  const replaced = planUpdate(state, replicas, unlisted);
  const steps = replaced.map((pod): Step => [{ type: 'deletePod', pod }]);
  return { phases: [...phases, steps], replaced: new Set(replaced) };
}

interface Replica {
  readonly ordinal: number;
  readonly pod: Persisted<Pod> | undefined;
}

interface Division {
  /** The pods of the set's ordinals, ascending, and where pods are missing the first of those places. */
  readonly replicas: readonly Replica[];
  /** How many places more have no pod. */
  readonly unlisted: number;
  /** Pods of other ordinals, descending. */
  readonly condemned: readonly Persisted<Pod>[];
}

/** At most this many creations in one go (upstream's MaxBatchSize). */
const burst = 500;

function divide({ set, pods }: StatefulSetState): Division {
  const { start, end } = ordinalsOf(set);
  const ordinal = (pod: Pod): number => ordinalOf(set, pod) ?? 0;
  const present = pods.filter((pod) => isInRange(set, pod)).sort((a, b) => ordinal(a) - ordinal(b));
  const replicas: Replica[] = [];
  let next = start;
  let room = burst;
  const listMissing = (before: number): void => {
    for (; next < before && room > 0; next += 1, room -= 1) replicas.push({ ordinal: next, pod: undefined });
  };
  for (const pod of present) {
    listMissing(ordinal(pod));
    replicas.push({ ordinal: ordinal(pod), pod });
    next = ordinal(pod) + 1;
  }
  listMissing(end);
  const condemned = pods.filter((pod) => !isInRange(set, pod)).sort((a, b) => ordinal(b) - ordinal(a));
  return { replicas, unlisted: end - start - replicas.length, condemned };
}

interface PlannedStep {
  readonly step: Step;
  /** In order, nothing after it may be done now. */
  readonly blocks: boolean;
}

function planEach<T>(
  items: readonly T[],
  plan: (item: T) => PlannedStep,
  ordered: boolean,
): { readonly steps: readonly Step[]; readonly blocked: boolean } {
  const steps: Step[] = [];
  for (const item of items) {
    const { step, blocks } = plan(item);
    if (step.length > 0) steps.push(step);
    if (blocks && ordered) return { steps, blocked: true };
  }
  return { steps, blocked: false };
}

function planReplica(state: StatefulSetState, { ordinal, pod }: Replica, ordered: boolean): PlannedStep {
  if (!pod) return { step: creation(state, ordinal), blocks: true };
  if (isPodTerminal(pod)) {
    // Whatever its exit code was: a pod that a reboot or an eviction ended has to come again.
    const waits = isPodTerminating(pod) || state.heldBack.has(pod.metadata.name);
    return { step: waits ? [] : [{ type: 'deletePod', pod }], blocks: true };
  }
  if (isPodTerminating(pod)) return { step: [], blocks: true };
  const available = isAvailable(state, pod);
  const missing = pod.status?.phase === 'Pending' ? missingClaims(state, pod, ordinal) : [];
  // In order, a pod that is not up yet is left alone, save that it gets the claims that it may be waiting for.
  if (ordered && !available) return { step: [...missing, ...claimUpdates(state, pod)], blocks: true };
  const repaired = repairedPod(state.set, pod);
  const lacking = repaired && missing.length === 0 ? missingClaims(state, pod, ordinal) : [];
  const repair: Step = repaired ? [{ type: 'updatePod', pod: repaired }] : [];
  return { step: [...missing, ...lacking, ...claimUpdates(state, pod), ...repair], blocks: false };
}

function creation(state: StatefulSetState, ordinal: number): Step {
  const { set, current, update } = state;
  const name = podName(set, ordinal);
  const claims = claimsOf(set, ordinal).map(({ metadata }) => state.claim(metadata.name ?? ''));
  if (claims.some((claim) => claim && goesWithEarlierPod(claim, set, name))) return [];
  const revision = belongsToCurrent(set, ordinal) ? current : update;
  const pod = newStatefulPod(set, revision.template, revision.name, ordinal);
  const leaving = claims.find((claim) => claim?.metadata.deletionTimestamp !== undefined);
  if (leaving) return [{ type: 'failCreation', pod, message: `pvc ${leaving.metadata.name} is being deleted` }];
  return [...missingClaims(state, pod, ordinal), { type: 'createPod', pod }];
}

/** Pods below the partition stay at the revision that all pods had before the update. */
function belongsToCurrent(set: Persisted<StatefulSet>, ordinal: number): boolean {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type === 'OnDelete') return false;
  const { start } = ordinalsOf(set);
  return ordinal < start + (rollingUpdate ? (rollingUpdate.partition ?? 0) : (set.status?.currentReplicas ?? 0));
}

function missingClaims(state: StatefulSetState, pod: Pod, ordinal: number): Step {
  const { set } = state;
  return claimsOf(set, ordinal)
    .filter(({ metadata }) => state.claim(metadata.name ?? '') === undefined)
    .map((claim) => {
      const ownerReferences = [...(claim.metadata.ownerReferences ?? []), ...firstOwners(set)];
      const metadata: ObjectMeta =
        ownerReferences.length === 0 ? claim.metadata : { ...claim.metadata, ownerReferences };
      return { type: 'createClaim', pod, claim: { ...claim, metadata } };
    });
}

/** What the retention policy asks of the claims that the pod has. */
function claimUpdates(state: StatefulSetState, pod: Persisted<Pod>): Step {
  const { set } = state;
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined) return [];
  return claimsOf(set, ordinal).flatMap(({ metadata }): Step => {
    const claim = state.claim(metadata.name ?? '');
    const ownerReferences = claim && plannedOwners(claim, set, pod);
    if (!claim || !ownerReferences) return [];
    const update = {
      type: 'updateClaim',
      claim: { ...claim, metadata: { ...claim.metadata, ownerReferences } },
    } as const;
    if (!hasForeignController(claim, set, pod)) return [update];
    return [{ type: 'warnOfController', claim: claim.metadata.name }, update];
  });
}

function planCondemned(
  state: StatefulSetState,
  pod: Persisted<Pod>,
  unavailable: Persisted<Pod> | undefined,
  ordered: boolean,
): PlannedStep {
  if (isPodTerminating(pod)) return { step: [], blocks: true };
  // In order, a broken pod may go; a healthy one not while there is a broken one before it.
  if (ordered && !isAvailable(state, pod) && pod !== unavailable) return { step: [], blocks: true };
  return { step: [{ type: 'deletePod', pod }], blocks: true };
}

/** Of all pods the one with the lowest ordinal, those that stay before those that go. */
function firstUnavailable(
  state: StatefulSetState,
  replicas: readonly Replica[],
  condemned: readonly Persisted<Pod>[],
): Persisted<Pod> | undefined {
  const kept = replicas.find(({ pod }) => !pod || !isAvailable(state, pod));
  return kept ? kept.pod : condemned.findLast((pod) => !isAvailable(state, pod));
}

/**
 * Pods to delete for a rolling update, from the highest ordinal down to the partition. Pods of old revisions that are
 * unavailable anyway do not count against maxUnavailable, else a broken revision could not be left.
 */
function planUpdate(
  state: StatefulSetState,
  replicas: readonly Replica[],
  unlisted: number,
): readonly Persisted<Pod>[] {
  const { set, update } = state;
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  const { start, end } = ordinalsOf(set);
  const lowest = start + (rollingUpdate?.partition ?? 0);
  const outdated = replicas.flatMap(({ ordinal, pod }) =>
    pod && ordinal >= lowest && !isPodTerminating(pod) && revisionOfPod(pod) !== update.name ? [pod] : [],
  );
  const unavailable = replicas.filter(({ pod }) => !pod || !isAvailable(state, pod));
  const counted = unlisted + unavailable.filter(({ pod }) => !pod || !outdated.includes(pod)).length;
  const limit = scaledValue(rollingUpdate?.maxUnavailable ?? 1, end - start, 'up');
  // Those that have ended are deleted as such.
  const candidates = outdated.filter((pod) => !isPodTerminal(pod)).reverse();
  return candidates.slice(0, Math.max(0, Math.max(1, limit) - counted));
}

/** Running and not ending, ready, and so for minReadySeconds. */
function isAvailable({ set, now }: StatefulSetState, pod: Pod): boolean {
  if (pod.status?.phase !== 'Running' || isPodTerminating(pod)) return false;
  return untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now) === 0;
}

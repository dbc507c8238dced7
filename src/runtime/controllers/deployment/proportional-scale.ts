/** Spreads a change of size over the ReplicaSets of a rollout that is under way, each in proportion to its own size. Pure. */
import type { Deployment } from '../../../types/kinds/apps/deployment.ts';
import type { RolloutLimits } from './limits.ts';
import type { Planned } from './plan.ts';
import { annotatedSize, byAge, desiredAnnotation, maxAnnotation, sizeAnnotations } from './revisions.ts';

export function planProportionalScale(
  deployment: Deployment,
  limits: RolloutLimits,
  present: Planned | undefined,
  old: readonly Planned[],
): void {
  const all = present ? [...old, present] : [...old];
  const only = activeOrLatest(present, old, all);
  if (only) {
    setSize(only, limits.replicas, limits);
    return;
  }
  // The new revision has all it needs: what is left of the old ones goes.
  if (present && isSaturated(limits, present)) {
    for (const set of old) setSize(set, 0, limits);
    return;
  }
  if (deployment.spec?.strategy?.type === 'Recreate') return;
  const active = all.filter((set) => set.replicas > 0);
  const allowed = limits.replicas > 0 ? limits.replicas + limits.maxSurge : 0;
  const change = allowed - active.reduce((sum, set) => sum + set.replicas, 0);
  active.sort((a, b) => b.replicas - a.replicas || (change > 0 ? -1 : 1) * compareAge(a, b));
  const sizes = proportions(deployment, limits, active, change);
  active.forEach((set, i) => setSize(set, sizes[i] ?? set.replicas, limits, true));
}

function proportions(
  deployment: Deployment,
  limits: RolloutLimits,
  active: readonly Planned[],
  change: number,
): readonly number[] {
  if (change === 0) return active.map((set) => set.replicas);
  let spread = 0;
  const sizes = active.map((set) => {
    const share = fraction(deployment, limits, set);
    const left = change - spread;
    const part = change > 0 ? Math.min(share, left) : Math.max(share, left);
    spread += part;
    return set.replicas + part;
  });
  // What rounding left over goes to the largest.
  return sizes.map((size, i) => Math.max(0, i === 0 ? size + change - spread : size));
}

/** By how much a set grows or shrinks: 5 of 10 become 10 when the Deployment goes from 10 to 20. */
function fraction(deployment: Deployment, limits: RolloutLimits, set: Planned): number {
  if (limits.replicas === 0) return -set.replicas;
  const annotated = set.object && annotatedSize(set.object, maxAnnotation);
  const before = annotated !== undefined && annotated > 0 ? annotated : (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((set.replicas * (limits.replicas + limits.maxSurge)) / before) - set.replicas;
}

function activeOrLatest(
  present: Planned | undefined,
  old: readonly Planned[],
  all: readonly Planned[],
): Planned | undefined {
  const active = all.filter((set) => set.replicas > 0);
  if (active.length === 1) return active[0];
  if (active.length > 1) return undefined;
  return present ?? [...old].sort((a, b) => compareAge(b, a))[0];
}

function isSaturated(limits: RolloutLimits, present: Planned): boolean {
  const { object } = present;
  return (
    object !== undefined &&
    present.replicas === limits.replicas &&
    annotatedSize(object, desiredAnnotation) === limits.replicas &&
    (object.status?.availableReplicas ?? 0) === limits.replicas
  );
}

function compareAge(a: Planned, b: Planned): number {
  return a.object && b.object ? byAge(a.object, b.object) : 0;
}

function setSize(set: Planned, replicas: number, limits: RolloutLimits, always = false): void {
  if (!always && set.replicas === replicas) return;
  set.replicas = replicas;
  const maxReplicas = limits.replicas + limits.maxSurge;
  set.annotations = { ...set.annotations, ...sizeAnnotations({ replicas: limits.replicas, maxReplicas }) };
}

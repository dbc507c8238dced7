/** How long a pod may stay on a node with these taints. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { Taint, Toleration } from '../../../types/kinds/generated/core-v1.gen.ts';
import { tolerates } from '../../../types/pod/tolerations.ts';

/** Milliseconds until the pod has to go, 0 for at once; undefined when it may stay. */
export function untilEviction(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  now: Date,
): Milliseconds | undefined {
  let earliest: Milliseconds | undefined;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const tolerating = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (tolerating.length === 0) return 0;
    const added = taint.timeAdded === undefined ? now.getTime() : new Date(taint.timeAdded).getTime();
    for (const { tolerationSeconds } of tolerating) {
      if (tolerationSeconds === undefined) continue;
      const left = Math.max(0, added + Math.max(0, tolerationSeconds) * 1000 - now.getTime());
      if (earliest === undefined || left < earliest) earliest = left;
    }
  }
  return earliest;
}

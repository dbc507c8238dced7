/** How long a pod may stay on a node with these taints. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { Taint, Toleration } from '../../../types/kinds/generated/core-v1.gen.ts';

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

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { effect, key, operator, value } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== undefined && key !== '' && key !== taint.key) return false;
  switch (operator ?? 'Equal') {
    case 'Exists':
      return true;
    case 'Equal':
      return (key ?? '') !== '' && (value ?? '') === (taint.value ?? '');
    case 'Lt':
      return compares(taint.value, value, (a, b) => a < b);
    case 'Gt':
      return compares(taint.value, value, (a, b) => a > b);
  }
}

/** Numeric comparison of a taint's value with the toleration's (KEP-5471). */
function compares(
  taint: string | undefined,
  toleration: string | undefined,
  holds: (a: number, b: number) => boolean,
): boolean {
  if (!/^-?\d+$/.test(taint ?? '') || !/^-?\d+$/.test(toleration ?? '')) return false;
  return holds(Number(taint), Number(toleration));
}

/** How far a rolling update may go above and below the desired number of pods. Pure. */
import type { IntOrString } from '../../../types/int-or-string.ts';
import type { Deployment } from '../../../types/kinds/apps/deployment.ts';

export interface RolloutLimits {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/**
 * Surge is rounded up, unavailability down; where both come to nothing, one pod may be unavailable, else nothing could move.
 * For 4 replicas with 25 % each: one more, one less.
 */
export function rolloutLimits(deployment: Deployment): RolloutLimits {
  const replicas = deployment.spec?.replicas ?? 1;
  if (deployment.spec?.strategy?.type === 'Recreate') return { replicas, maxSurge: 0, maxUnavailable: 0 };
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const maxSurge = scaled(rolling?.maxSurge ?? '25%', replicas, Math.ceil);
  const maxUnavailable = scaled(rolling?.maxUnavailable ?? '25%', replicas, Math.floor);
  if (maxSurge === 0 && maxUnavailable === 0) return { replicas, maxSurge, maxUnavailable: Math.min(1, replicas) };
  return { replicas, maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

function scaled(value: IntOrString, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * total) / 100);
}

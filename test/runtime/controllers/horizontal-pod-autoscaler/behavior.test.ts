import { describe, expect, it } from 'vitest';
import {
  limited,
  stabilized,
  trimmed,
} from '../../../../src/runtime/controllers/horizontal-pod-autoscaler/behavior.ts';
import type { ScalingHistory } from '../../../../src/runtime/controllers/horizontal-pod-autoscaler/behavior.ts';
import { completeBehavior } from '../../../../src/types/autoscaling-behavior.ts';

const now = new Date('2026-01-01T01:00:00Z');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const none: ScalingHistory = { recommendations: [], ups: [], downs: [] };
const recommended = (...list: readonly (readonly [number, number])[]): ScalingHistory => ({
  ...none,
  recommendations: list.map(([seconds, replicas]) => ({ at: ago(seconds), replicas })),
});
const bounds = (currentReplicas: number) => ({ minReplicas: 1, maxReplicas: 20, currentReplicas });

describe('stabilization', () => {
  it('goes down to the highest of five minutes', () => {
    expect(stabilized(undefined, 2, 8, recommended([299, 6], [400, 9]), now)).toMatchObject({
      replicas: 6,
      reason: 'ScaleDownStabilized',
    });
    expect(stabilized(undefined, 9, 8, recommended([10, 6]), now).replicas).toBe(9);
  });

  it('keeps windows of its own in each direction', () => {
    const behavior = completeBehavior({
      scaleUp: { stabilizationWindowSeconds: 60 },
      scaleDown: { stabilizationWindowSeconds: 30 },
    });
    expect(stabilized(behavior, 9, 4, recommended([50, 6], [70, 5]), now)).toMatchObject({
      replicas: 6,
      reason: 'ScaleUpStabilized',
    });
    expect(stabilized(behavior, 1, 4, recommended([20, 3], [40, 9]), now)).toMatchObject({
      replicas: 3,
      reason: 'ScaleDownStabilized',
    });
    expect(stabilized(behavior, 9, 4, recommended([50, 2]), now).replicas).toBe(4);
  });
});

describe('limits', () => {
  it('without a behavior double at most, or go to four', () => {
    expect(limited(undefined, 20, bounds(1), none, now)).toMatchObject({ replicas: 4, reason: 'ScaleUpLimit' });
    expect(limited(undefined, 20, bounds(8), none, now)).toMatchObject({ replicas: 16, reason: 'ScaleUpLimit' });
    expect(limited(undefined, 30, bounds(15), none, now)).toMatchObject({ replicas: 20, reason: 'TooManyReplicas' });
    expect(limited(undefined, 0, bounds(3), none, now)).toMatchObject({ replicas: 1, reason: 'TooFewReplicas' });
    expect(limited(undefined, 5, bounds(3), none, now)).toMatchObject({ replicas: 5, reason: 'DesiredWithinRange' });
  });

  it('follow the policies', () => {
    const up = completeBehavior({ scaleUp: { policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] } });
    expect(limited(up, 9, bounds(3), none, now)).toMatchObject({ replicas: 5, reason: 'ScaleUpLimit' });
    const risen = { ...none, ups: [{ at: ago(30), replicas: 1 }] };
    expect(limited(up, 9, bounds(3), risen, now).replicas).toBe(4);
    expect(limited(up, 9, bounds(3), { ...none, ups: [{ at: ago(90), replicas: 1 }] }, now).replicas).toBe(5);
    const two = [
      { type: 'Pods', value: 1, periodSeconds: 60 },
      { type: 'Percent', value: 50, periodSeconds: 60 },
    ];
    const down = (selectPolicy: string) => completeBehavior({ scaleDown: { policies: two, selectPolicy } });
    expect(limited(down('Max'), 1, bounds(9), none, now)).toMatchObject({ replicas: 4, reason: 'ScaleDownLimit' });
    expect(limited(down('Min'), 1, bounds(9), none, now).replicas).toBe(8);
    expect(limited(down('Disabled'), 1, bounds(9), none, now).replicas).toBe(9);
    const still = completeBehavior({ scaleUp: { selectPolicy: 'Disabled' } });
    expect(limited(still, 12, bounds(9), none, now)).toMatchObject({ replicas: 9, reason: 'ScaleUpLimit' });
  });

  it('forget what no window reaches', () => {
    const history = { ...recommended([200, 1], [400, 2]), ups: [{ at: ago(20), replicas: 1 }] };
    expect(trimmed(history, undefined, now)).toEqual({ ...none, recommendations: [{ at: ago(200), replicas: 1 }] });
    const behavior = completeBehavior({ scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } });
    expect(trimmed(history, behavior, now).ups).toHaveLength(1);
  });
});

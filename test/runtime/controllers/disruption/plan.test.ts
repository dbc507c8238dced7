import { describe, expect, it } from 'vitest';
import {
  budgetStatus,
  countHealthy,
  demandOf,
  disruptedPods,
  failedStatus,
} from '../../../../src/runtime/controllers/disruption/plan.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';
import type { PodDisruptionBudget } from '../../../../src/types/kinds/policy/pod-disruption-budget.ts';

const now = new Date('2026-01-01T00:10:00Z');
const pod = (name: string, ready: boolean, deleted = false): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const budget = (disrupted: Readonly<Record<string, string>> = {}): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'default', generation: 2 },
  spec: { minAvailable: 1 },
  status: { currentHealthy: 3, desiredHealthy: 1, disruptionsAllowed: 2, expectedPods: 3, disruptedPods: disrupted },
});

describe('what a budget demands', () => {
  it.each([
    [{ minAvailable: 2 }, 5, { expectedPods: 5, desiredHealthy: 2 }],
    [{ minAvailable: '50%' }, 5, { expectedPods: 5, desiredHealthy: 3 }],
    [{ minAvailable: '100%' }, 3, { expectedPods: 3, desiredHealthy: 3 }],
    [{ maxUnavailable: 1 }, 5, { expectedPods: 5, desiredHealthy: 4 }],
    [{ maxUnavailable: '30%' }, 7, { expectedPods: 7, desiredHealthy: 4 }],
    [{ maxUnavailable: 9 }, 5, { expectedPods: 5, desiredHealthy: 0 }],
    [{}, 5, { expectedPods: 0, desiredHealthy: 0 }],
  ])('%j of %i', (spec, expected, demand) => {
    expect(demandOf(spec, expected)).toEqual(demand);
  });
});

describe('what a budget allows', () => {
  const pods = [pod('a', true), pod('b', true), pod('c', false), pod('d', true, true), pod('e', true)];

  it('counts ready pods that stay', () => {
    expect(countHealthy(pods, {})).toBe(3);
    expect(countHealthy(pods, { b: '2026-01-01T00:09:30Z' })).toBe(2);
  });

  it('waits two minutes for the deletion of a pod whose eviction was granted', () => {
    const granted = {
      b: '2026-01-01T00:09:30Z',
      a: '2026-01-01T00:07:00Z',
      d: '2026-01-01T00:09:59Z',
      z: now.toISOString(),
    };
    const found = disruptedPods(budget(granted), pods, now);
    expect(found.waiting).toEqual({ b: '2026-01-01T00:09:30Z' });
    expect(found.overdue.map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(found.recheckAfter).toBe(90_001);
  });

  it('never allows less than none, nor anything where no pods are expected', () => {
    const facts = (currentHealthy: number) => ({ currentHealthy, waiting: {}, now });
    expect(budgetStatus(budget(), { expectedPods: 3, desiredHealthy: 1 }, facts(3))).toEqual({
      expectedPods: 3,
      desiredHealthy: 1,
      currentHealthy: 3,
      disruptionsAllowed: 2,
      observedGeneration: 2,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: 'True',
          reason: 'SufficientPods',
          message: '',
          observedGeneration: 2,
          lastTransitionTime: '2026-01-01T00:10:00Z',
        },
      ],
    });
    expect(budgetStatus(budget(), { expectedPods: 3, desiredHealthy: 3 }, facts(1)).disruptionsAllowed).toBe(0);
    expect(budgetStatus(budget(), { expectedPods: 0, desiredHealthy: 0 }, facts(1)).disruptionsAllowed).toBe(0);
  });

  it('allows nothing while it cannot be calculated, and keeps the time of a state that lasts', () => {
    const failed = failedStatus(budget(), 'no scale', now);
    expect(failed).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 3, conditions: [{ reason: 'SyncFailed' }] });
    const later = new Date('2026-01-01T00:20:00Z');
    const facts = { currentHealthy: 0, waiting: {}, now: later };
    const next = budgetStatus({ ...budget(), status: failed }, { expectedPods: 3, desiredHealthy: 3 }, facts);
    expect(next.conditions).toMatchObject([{ reason: 'InsufficientPods', lastTransitionTime: '2026-01-01T00:10:00Z' }]);
  });
});

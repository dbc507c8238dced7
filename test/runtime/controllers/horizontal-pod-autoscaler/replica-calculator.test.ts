import { describe, expect, it } from 'vitest';
import {
  averageProposal,
  utilizationProposal,
} from '../../../../src/runtime/controllers/horizontal-pod-autoscaler/replica-calculator.ts';
import type {
  PodMetric,
  Question,
} from '../../../../src/runtime/controllers/horizontal-pod-autoscaler/replica-calculator.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';

const now = new Date('2026-01-01T01:00:00Z');

interface PodFacts {
  readonly ready?: boolean;
  readonly phase?: NonNullable<NonNullable<Pod['status']>['phase']>;
  readonly deleted?: boolean;
  /** Minutes since its start; it became (un)ready then. */
  readonly age?: number;
  /** Millicores in use; left out, nothing is known. */
  readonly cpu?: number;
  readonly request?: string;
}

function question(facts: readonly PodFacts[], currentReplicas = facts.length): Question {
  const pods = facts.map(({ ready = true, phase = 'Running', deleted, age = 30, request = '100m' }, index): Pod => {
    const start = new Date(now.getTime() - age * 60_000).toISOString();
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${index}`, ...(deleted ? { deletionTimestamp: start } : {}) },
      spec: { containers: [{ name: 'c', resources: request === '' ? {} : { requests: { cpu: request } } }] },
      status: {
        phase,
        startTime: start,
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: start }],
      },
    };
  });
  const metrics = facts.flatMap(({ cpu }, index): [string, PodMetric][] =>
    cpu === undefined ? [] : [[`p${index}`, { value: cpu, timestamp: now, window: 15_000 }]],
  );
  return {
    pods,
    metrics: new Map(metrics),
    resource: 'cpu',
    container: undefined,
    currentReplicas,
    tolerances: { scaleDown: 0.1, scaleUp: 0.1 },
    now,
  };
}

describe('utilization', () => {
  it.each([
    ['twice the target', [{ cpu: 100 }, { cpu: 100 }], 4, 100],
    ['half the target', [{ cpu: 25 }, { cpu: 25 }], 1, 25],
    ['within the tolerance', [{ cpu: 54 }, { cpu: 54 }], 2, 54],
    ['a pod that goes', [{ cpu: 100 }, { cpu: 100, deleted: true }], 2, 100],
    ['a failed pod', [{ cpu: 100 }, { phase: 'Failed' }], 2, 100],
    ['a pod that has only just begun', [{ cpu: 100 }, { cpu: 400, age: 0.1 }], 2, 100],
    ['a pod that is not ready yet', [{ cpu: 100 }, { cpu: 400, ready: false, age: 1 }], 2, 100],
    ['a pod that was ready once', [{ cpu: 50 }, { cpu: 150, ready: false, age: 30 }], 2, 50],
    ['a pending pod, on the way up', [{ cpu: 200 }, { phase: 'Pending' }], 4, 200],
    ['a pod without figures, on the way down', [{ cpu: 10 }, {}], 2, 10],
    ['a pod without figures, on the way up', [{ cpu: 200 }, {}], 4, 200],
  ] as const)('counts %s', (_name, pods, replicas, utilization) => {
    expect(utilizationProposal(question(pods), 50)).toMatchObject({ replicas, utilization });
  });

  it('says why it is not known', () => {
    const of = (facts: readonly PodFacts[]) => () => utilizationProposal(question(facts), 50);
    expect(of([])).toThrow('no pods returned by selector');
    expect(of([{ cpu: 5, request: '' }])).toThrow('missing request for cpu in container c of Pod p0');
    expect(of([{ phase: 'Pending', cpu: 5 }])).toThrow('did not receive metrics for targeted pods');
  });

  it('heeds tolerances by direction', () => {
    const tolerant = { ...question([{ cpu: 70 }]), tolerances: { scaleDown: 0.1, scaleUp: 0.5 } };
    expect(utilizationProposal(tolerant, 50).replicas).toBe(1);
    expect(utilizationProposal({ ...tolerant, tolerances: { scaleDown: 0.1, scaleUp: 0 } }, 50).replicas).toBe(2);
  });
});

describe('an average value', () => {
  it('needs no requests', () => {
    const asked = question([
      { cpu: 300, request: '' },
      { cpu: 100, request: '' },
    ]);
    expect(averageProposal(asked, 100)).toEqual({ replicas: 4, utilization: undefined, average: 200 });
  });
});

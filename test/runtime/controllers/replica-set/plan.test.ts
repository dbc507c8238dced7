import { describe, expect, it } from 'vitest';
import { planReplicas } from '../../../../src/runtime/controllers/replica-set/plan.ts';
import { nextAvailability } from '../../../../src/runtime/controllers/framework/pod-state.ts';
import { replicaStatus } from '../../../../src/runtime/controllers/replica-set/status.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';
import type { Persisted } from '../../../../src/types/meta.ts';

const now = new Date('2026-01-01T01:00:00Z');

interface PodOptions {
  readonly node?: string;
  readonly phase?: 'Pending' | 'Running' | 'Succeeded';
  readonly readySince?: string;
  readonly cost?: string;
  readonly restarts?: number;
  readonly created?: string;
  readonly deleting?: boolean;
  readonly labels?: Record<string, string>;
}

function pod(name: string, options: PodOptions = {}): Persisted<Pod> {
  const { node = 'n1', phase = 'Running', readySince, cost, restarts = 0, created = '2026-01-01T00:00:00Z' } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: created,
      labels: options.labels ?? { app: 'web' },
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
      ...(options.deleting ? { deletionTimestamp: '2026-01-01T00:59:00Z' } : {}),
    },
    spec: { containers: [], nodeName: node },
    status: {
      phase,
      conditions: readySince === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: readySince }],
      containerStatuses: [{ name: 'c', ready: true, restartCount: restarts, image: '', imageID: '' }],
    },
  };
}

const first = (pods: readonly Persisted<Pod>[]): string | undefined =>
  planReplicas(pods.length - 1, pods, pods, now).remove[0]?.metadata.name;
const ready = '2026-01-01T00:00:10Z';

describe('the plan of a ReplicaSet', () => {
  it('creates what is missing, at most 500 at a time', () => {
    expect(planReplicas(3, [pod('a')], [], now)).toEqual({ create: 2, remove: [] });
    expect(planReplicas(900, [], [], now).create).toBe(500);
    expect(planReplicas(0, [pod('a')], [], now).remove).toHaveLength(1);
  });

  it.each([
    ['not yet on a node', pod('x', { node: '' }), pod('y')],
    ['pending', pod('x', { phase: 'Pending' }), pod('y')],
    ['not ready', pod('x'), pod('y', { readySince: ready })],
    ['of lower deletion cost', pod('x', { readySince: ready, cost: '-5' }), pod('y', { readySince: ready })],
    ['ready for far less time', pod('x', { readySince: '2026-01-01T00:59:59Z' }), pod('y', { readySince: ready })],
    ['restarted more often', pod('x', { readySince: ready, restarts: 3 }), pod('y', { readySince: ready })],
    ['far younger', pod('x', { readySince: ready, created: '2026-01-01T00:59:59Z' }), pod('y', { readySince: ready })],
  ])('deletes first what is %s', (_, expected, other) => {
    expect(first([other, expected])).toBe(expected.metadata.name);
    expect(first([expected, other])).toBe(expected.metadata.name);
  });

  it('deletes first where pods stand close together', () => {
    const pods = [pod('a', { node: 'n1', readySince: ready }), pod('b', { node: 'n2', readySince: ready })];
    const related = [...pods, pod('c', { node: 'n2', readySince: ready })];
    expect(planReplicas(1, pods, related, now).remove[0]?.metadata.name).toBe('b');
  });
});

describe('the status of a ReplicaSet', () => {
  const facts = {
    generation: 2,
    replicas: 3,
    minReadySeconds: 10,
    templateLabels: { app: 'web', v: '1' },
    conditions: undefined,
  };
  it('counts pods by what they are', () => {
    const pods = [
      pod('available', { readySince: ready, labels: { app: 'web', v: '1' } }),
      pod('ready', { readySince: '2026-01-01T00:59:55Z' }),
      pod('leaving', { deleting: true }),
      pod('ended', { phase: 'Succeeded' }),
    ];
    expect(replicaStatus(facts, pods, undefined, now)).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 1,
      terminatingReplicas: 1,
      observedGeneration: 2,
    });
    expect(nextAvailability(pods, 10, now)).toBe(5000);
  });

  it('says what kept pods from being created, until nothing does', () => {
    const { conditions } = replicaStatus(facts, [], 'quota', now);
    expect(conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' },
    ]);
    expect(replicaStatus({ ...facts, conditions }, [], undefined, now).conditions).toBeUndefined();
  });
});

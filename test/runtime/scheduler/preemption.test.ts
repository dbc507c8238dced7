import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/runtime/scheduler/decide.ts';
import { nodeInfo } from '../../../src/runtime/scheduler/node-info.ts';
import type { ClusterView } from '../../../src/runtime/scheduler/plugin.ts';
import { schedulerPlugins } from '../../../src/runtime/scheduler/plugins/index.ts';
import { planPreemption } from '../../../src/runtime/scheduler/preemption.ts';
import { emptyStorage } from '../../../src/runtime/scheduler/storage-view.ts';
import type { Node } from '../../../src/types/kinds/core/node.ts';
import type { Pod } from '../../../src/types/kinds/core/pod.ts';
import type { PodDisruptionBudget } from '../../../src/types/kinds/policy/pod-disruption-budget.ts';

const node = (name: string, cpu = '2'): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { allocatable: { cpu, memory: '4Gi', pods: '10' } },
});

interface PodFacts {
  readonly cpu?: string;
  readonly priority?: number;
  readonly leaving?: boolean;
  readonly policy?: 'Never';
  readonly started?: string;
}

function pod(name: string, { cpu = '1', priority = 0, leaving = false, policy, started }: PodFacts = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: name },
      ...(leaving ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      priority,
      ...(policy === undefined ? {} : { preemptionPolicy: policy }),
      containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }],
    },
    ...(started === undefined ? {} : { status: { startTime: started } }),
  };
}

const budget = (app: string, disruptionsAllowed: number, disrupted: readonly string[] = []): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app, namespace: 'default' },
  spec: { selector: { matchLabels: { app } } },
  status: {
    ...{ currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed },
    disruptedPods: Object.fromEntries(disrupted.map((name) => [name, '2026-01-01T00:00:00Z'])),
  },
});

function preempt(
  wanted: Pod,
  nodes: readonly (readonly [Node, readonly Pod[]])[],
  { budgets = [], nominatedNode }: { budgets?: readonly PodDisruptionBudget[]; nominatedNode?: string } = {},
): string {
  const cluster: ClusterView = {
    nodes: nodes.map(([of, pods]) => nodeInfo(of, pods)),
    namespaceLabels: () => ({}),
    storage: emptyStorage,
  };
  const decision = decide(wanted, cluster, schedulerPlugins);
  if ('node' in decision) return `fits on ${decision.node}`;
  const { rejections } = decision;
  const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
  const question = { pod: wanted, cluster, plugins: schedulerPlugins, rejections, budgets, nominatedNode, isLeaving };
  const plan = planPreemption(question);
  if ('message' in plan) return plan.message;
  return `${plan.node}: ${plan.victims.map(({ metadata }) => metadata.name).join(' ')}`;
}

const high = pod('high', { priority: 100 });

describe('preemption', () => {
  it('takes as few as it needs, the least important first', () => {
    const there = [pod('a', { priority: 5 }), pod('b', { priority: 1 })];
    expect(preempt(high, [[node('n'), there]])).toBe('n: b');
    expect(preempt(pod('high', { priority: 100, cpu: '2' }), [[node('n'), there]])).toBe('n: a b');
    const twins = [pod('old', { started: '2026-01-01T00:00:00Z' }), pod('young', { started: '2026-01-02T00:00:00Z' })];
    expect(preempt(high, [[node('n'), twins]])).toBe('n: young');
  });

  it('takes nobody who is as important, and nobody in vain', () => {
    expect(preempt(high, [[node('n'), [pod('a', { priority: 100 }), pod('b', { priority: 100 })]]])).toBe(
      '0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    );
    expect(preempt(pod('huge', { priority: 100, cpu: '3' }), [[node('n'), [pod('a')]]])).toBe(
      '0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
    const mixed = [pod('a', { priority: 100, cpu: '1500m' }), pod('b', { cpu: '500m' })];
    expect(preempt(high, [[node('n'), mixed]])).toBe('0/1 nodes are available: 1 Insufficient cpu.');
    expect(preempt(pod('polite', { priority: 100, policy: 'Never' }), [[node('n'), [pod('a'), pod('b')]]])).toBe(
      'not eligible due to preemptionPolicy=Never.',
    );
  });

  it('spares what budgets keep', () => {
    const there = [pod('kept', { priority: 1 }), pod('free', { priority: 2 })];
    expect(preempt(high, [[node('n'), there]], { budgets: [budget('kept', 0)] })).toBe('n: free');
    expect(preempt(high, [[node('n'), there]], { budgets: [budget('kept', 1)] })).toBe('n: kept');
    expect(preempt(high, [[node('n'), there]], { budgets: [budget('kept', 0, ['kept'])] })).toBe('n: kept');
    const all = [budget('kept', 0), budget('free', 0)];
    expect(preempt(high, [[node('n'), there]], { budgets: all })).toBe('n: kept');
  });

  it('harms the node where the least is lost', () => {
    const full = (...pods: readonly Pod[]): readonly Pod[] => pods;
    expect(
      preempt(high, [
        [node('n1'), full(pod('a', { priority: 9, cpu: '2' }))],
        [node('n2'), full(pod('b', { priority: 3, cpu: '2' }))],
      ]),
    ).toBe('n2: b');
    expect(
      preempt(
        high,
        [
          [node('n1'), full(pod('a', { priority: 9, cpu: '2' }))],
          [node('n2'), full(pod('b', { priority: 3, cpu: '2' }))],
        ],
        { budgets: [budget('b', 0)] },
      ),
    ).toBe('n1: a');
  });

  it('waits for those that go already', () => {
    const there = [pod('a', { leaving: true }), pod('b')];
    expect(preempt(high, [[node('n'), there]], { nominatedNode: 'n' })).toBe(
      'not eligible due to a terminating pod on the nominated node.',
    );
  });
});

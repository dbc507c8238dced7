/** Where a DaemonSet wants pods, and which ones go. */
import { describe, expect, it } from 'vitest';
import { newDaemonPod, placementOn, targetNode } from '../../../../src/runtime/controllers/daemon-set/daemon-pod.ts';
import { planNodes, planRollingUpdate } from '../../../../src/runtime/controllers/daemon-set/plan.ts';
import type { DaemonSetState } from '../../../../src/runtime/controllers/daemon-set/plan.ts';
import type { DaemonSet } from '../../../../src/types/kinds/apps/daemon-set.ts';
import type { Node } from '../../../../src/types/kinds/core/node.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';
import type { DaemonSetSpec } from '../../../../src/types/kinds/generated/apps-v1.gen.ts';
import type { PodSpec, Taint } from '../../../../src/types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../../../src/types/meta.ts';

const now = new Date('2026-01-01T00:10:00Z');
const identity = { resourceVersion: '1', namespace: 'default' };

function set(spec: Partial<DaemonSetSpec> = {}, podSpec: Partial<PodSpec> = {}): Persisted<DaemonSet> {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { ...identity, name: 'agent', uid: 'set', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { containers: [{ name: 'agent', image: 'agent:1' }], ...podSpec },
      },
      ...spec,
    },
  };
}

function node(name: string, taints: readonly Taint[] = [], labels: Record<string, string> = {}): Persisted<Node> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels },
    spec: { taints },
  };
}

interface PodShape {
  readonly on: string;
  readonly old?: boolean;
  readonly is?: 'ready' | 'unready' | 'Failed' | 'Succeeded';
  readonly ending?: boolean;
  readonly age?: number;
  readonly unbound?: boolean;
}

function pod(name: string, { on, old, is = 'ready', ending, age = 0, unbound }: PodShape): Persisted<Pod> {
  const made = newDaemonPod(set(), on, old ? 'old' : 'new');
  const phase = is === 'Failed' || is === 'Succeeded' ? is : 'Running';
  const status = is === 'ready' ? 'True' : 'False';
  return {
    ...made,
    metadata: {
      ...made.metadata,
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: `2026-01-01T00:0${5 - age}:00Z`,
      ...(ending ? { deletionTimestamp: '2026-01-01T00:09:00Z' } : {}),
    },
    spec: { containers: [], ...made.spec, ...(unbound ? {} : { nodeName: on }) },
    status: { phase, conditions: [{ type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  };
}

function state(
  pods: readonly Persisted<Pod>[],
  nodes: readonly string[] = ['a', 'b', 'c'],
  spec: Partial<DaemonSetSpec> = {},
): DaemonSetState {
  return {
    set: set(spec),
    nodes: nodes.map((name) => node(name)),
    pods,
    hashes: new Set(['new']),
    heldBack: new Map(),
    now,
  };
}

const told = ({ create, remove }: ReturnType<typeof planNodes>): readonly string[] => [
  ...create.map((name) => `+${name}`),
  ...remove.map(({ metadata }) => `-${metadata.name}`),
];
const surge = (maxSurge: number | string): Partial<DaemonSetSpec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: 0 } },
});
const without = (maxUnavailable: number | string): Partial<DaemonSetSpec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable } },
});

describe('nodes', () => {
  it.each<readonly [string, DaemonSetState, readonly string[]]>([
    ['get a pod each', state([pod('1', { on: 'b' })]), ['+a', '+c']],
    ['wait until a pod has ended', state([pod('1', { on: 'a', ending: true })], ['a']), []],
    [
      'do not wait for one that has ended and only its deletion lacks',
      state([pod('1', { on: 'a', is: 'Failed', ending: true })], ['a']),
      ['+a'],
    ],
    ['keep the oldest of several', state([pod('1', { on: 'a' }), pod('2', { on: 'a', age: 2 })], ['a']), ['-1']],
    [
      'keep the one that is bound',
      state([pod('1', { on: 'a', age: 2, unbound: true }), pod('2', { on: 'a' })], ['a']),
      ['-1'],
    ],
    ['lose failed pods', state([pod('1', { on: 'a', is: 'Failed' })], ['a']), ['-1']],
    [
      'that are gone lose the pods that wait for them',
      state([pod('1', { on: 'z', unbound: true }), pod('2', { on: 'z' })], []),
      ['-1'],
    ],
    [
      'may have one of each template while surging',
      state([pod('1', { on: 'a', old: true, age: 2 }), pod('2', { on: 'a', is: 'unready' })], ['a'], surge(1)),
      [],
    ],
    [
      'lose the old one when it is broken',
      state([pod('1', { on: 'a', old: true, is: 'unready' }), pod('2', { on: 'a', is: 'unready' })], ['a'], surge(1)),
      ['-1'],
    ],
    [
      'lose the old one when the new one is available',
      state([pod('1', { on: 'a', old: true }), pod('2', { on: 'a' })], ['a'], surge(1)),
      ['-1'],
    ],
  ])('%s', (_, given, expected) => expect(told(planNodes(given))).toEqual(expected));

  it('whose daemon fails again and again wait', () => {
    const given = state([pod('1', { on: 'a', is: 'Failed' })], ['a']);
    expect(told(planNodes({ ...given, heldBack: new Map([['a', 1]]) }))).toEqual([]);
  });

  it.each<readonly [string, Partial<PodSpec>, Persisted<Node>, boolean, boolean]>([
    ['any', {}, node('a'), true, true],
    ['another than the template names', { nodeName: 'b' }, node('a'), false, false],
    ['one without the label', { nodeSelector: { disk: 'ssd' } }, node('a'), false, false],
    ['one with the label', { nodeSelector: { disk: 'ssd' } }, node('a', [], { disk: 'ssd' }), true, true],
    ['a cordoned one', {}, node('a', [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]), true, true],
    [
      'one that does not answer',
      {},
      node('a', [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }]),
      true,
      true,
    ],
    ['one that takes nothing new', {}, node('a', [{ key: 'x', effect: 'NoSchedule' }]), false, true],
    ['one that expels', {}, node('a', [{ key: 'x', effect: 'NoExecute' }]), false, false],
    ['one that would rather not', {}, node('a', [{ key: 'x', effect: 'PreferNoSchedule' }]), true, true],
    [
      'one that is tolerated',
      { tolerations: [{ key: 'x', operator: 'Exists' }] },
      node('a', [{ key: 'x', effect: 'NoExecute' }]),
      true,
      true,
    ],
    [
      'one without a network',
      {},
      node('a', [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }]),
      false,
      true,
    ],
    [
      'one without a network, which it brings',
      { hostNetwork: true },
      node('a', [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }]),
      true,
      true,
    ],
  ])('are fit: %s', (_, podSpec, on, shouldRun, mayStay) => {
    expect(placementOn(on, set({}, podSpec))).toEqual({ shouldRun, mayStay });
  });
});

describe('a pod', () => {
  it('is held to its node whatever else its affinity asks, which the set looked at already', () => {
    const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'x', operator: 'Exists' as const }] } }];
    const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'y', operator: 'Exists' as const }] }] };
    const affinity = {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
        requiredDuringSchedulingIgnoredDuringExecution: required,
      },
      podAntiAffinity: {},
    };
    const made = newDaemonPod(set({}, { affinity }), 'a', 'new');
    expect(made.spec?.affinity).toEqual({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
        },
      },
      podAntiAffinity: {},
    });
    expect(targetNode(made)).toBe('a');
  });

  it('keeps its own tolerations, and loses limits in time of those that all daemons have', () => {
    const own = [
      { key: 'x', operator: 'Exists' as const },
      {
        key: 'node.kubernetes.io/not-ready',
        operator: 'Exists' as const,
        effect: 'NoExecute' as const,
        tolerationSeconds: 5,
      },
    ];
    const made = newDaemonPod(set({}, { tolerations: own }), 'a', 'new');
    expect(made.spec?.tolerations).toHaveLength(7);
    expect(made.spec?.tolerations?.slice(0, 2)).toEqual([
      own[0],
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
    ]);
  });
});

describe('a rolling update', () => {
  const old = (on: string, is: 'ready' | 'unready' = 'ready'): Persisted<Pod> =>
    pod(`old-${on}`, { on, old: true, is });
  const fresh = (on: string, is: 'ready' | 'unready' = 'ready'): Persisted<Pod> => pod(`new-${on}`, { on, is });
  const all = ['a', 'b', 'c'];
  it.each<readonly [string, DaemonSetState, readonly string[]]>([
    ['takes one at a time', state([old('a'), old('b'), old('c')]), ['-old-a']],
    ['takes several where it may', state([old('a'), old('b'), old('c')], all, without(2)), ['-old-a', '-old-b']],
    ['rounds up', state([old('a'), old('b'), old('c')], all, without('34%')), ['-old-a', '-old-b']],
    [
      'takes broken ones first, which are lost anyway',
      state([old('a'), old('b', 'unready'), old('c', 'unready')]),
      ['-old-b', '-old-c'],
    ],
    ['waits for the new one', state([fresh('a', 'unready'), old('b'), old('c')]), []],
    ['waits for a node that has none', state([old('b'), old('c')]), []],
    ['goes on then', state([fresh('a'), old('b'), old('c')]), ['-old-b']],
    ['has nothing to do at the end', state([fresh('a'), fresh('b'), fresh('c')]), []],
    ['surges', state([old('a'), old('b'), old('c')], all, surge(2)), ['+a', '+b']],
    ['waits for what surges', state([old('a'), fresh('a', 'unready'), old('b')], ['a', 'b'], surge(1)), []],
    ['takes the old one then', state([old('a'), fresh('a'), old('b')], ['a', 'b'], surge(1)), ['+b', '-old-a']],
    [
      'surges past broken pods at once',
      state([old('a', 'unready'), old('b', 'unready')], ['a', 'b'], surge(1)),
      ['+a', '+b'],
    ],
    ['lets pods on lost nodes serve until others do', state([old('z'), fresh('a', 'unready')], ['a'], surge(1)), []],
    ['lets them go then', state([old('z'), fresh('a')], ['a'], surge(1)), ['-old-z']],
  ])('%s', (_, given, expected) => expect(told(planRollingUpdate(given))).toEqual(expected));
});

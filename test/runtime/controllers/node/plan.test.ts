import { describe, expect, it } from 'vitest';
import { plannedTaints, unknownConditions } from '../../../../src/runtime/controllers/node/plan.ts';
import { judgePod, surplusPods } from '../../../../src/runtime/controllers/pod-gc/plan.ts';
import { untilEviction } from '../../../../src/runtime/controllers/taint-eviction/plan.ts';
import { tolerates } from '../../../../src/types/pod/tolerations.ts';
import type { Node } from '../../../../src/types/kinds/core/node.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';

const now = new Date('2026-01-01T01:00:00Z');
const node = (ready: string | undefined, spec: Node['spec'] = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec,
  status: ready === undefined ? {} : { conditions: [{ type: 'Ready', status: ready }] },
});

describe('a node', () => {
  it('is tainted by its condition, and untainted again, other taints being left alone', () => {
    const own = { key: 'dedicated', effect: 'NoSchedule' as const };
    expect(plannedTaints(node('True', { taints: [own] }), now)).toBeUndefined();
    const tainted = plannedTaints(node('False', { taints: [own] }), now);
    expect(tainted?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      'dedicated:NoSchedule',
      'node.kubernetes.io/not-ready:NoSchedule',
      'node.kubernetes.io/not-ready:NoExecute',
    ]);
    expect(plannedTaints(node('False', { taints: tainted }), now)).toBeUndefined();
    expect(plannedTaints(node('True', { taints: tainted }), now)).toEqual([own]);
    expect(plannedTaints(node('Unknown'), now)?.[0]?.key).toBe('node.kubernetes.io/unreachable');
    expect(plannedTaints(node('True', { unschedulable: true }), now)?.[0]?.key).toBe(
      'node.kubernetes.io/unschedulable',
    );
  });

  it('is unknown in all that its silent kubelet reported', () => {
    const conditions = unknownConditions(node('True'), now);
    expect(conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'Ready Unknown NodeStatusUnknown',
      'MemoryPressure Unknown NodeStatusNeverUpdated',
      'DiskPressure Unknown NodeStatusNeverUpdated',
      'PIDPressure Unknown NodeStatusNeverUpdated',
    ]);
  });
});

describe('eviction by taints', () => {
  const taint = { key: 'k', value: '5', effect: 'NoExecute' as const, timeAdded: '2026-01-01T00:59:50Z' };
  it('is at once without a toleration, after its seconds, or never', () => {
    expect(untilEviction([taint], [], now)).toBe(0);
    expect(untilEviction([taint], [{ operator: 'Exists' }], now)).toBeUndefined();
    expect(untilEviction([taint], [{ key: 'k', operator: 'Exists', tolerationSeconds: 30 }], now)).toBe(20_000);
    expect(untilEviction([{ ...taint, effect: 'NoSchedule' }], [], now)).toBeUndefined();
  });

  it.each([
    [{ key: 'k', value: '5' }, true],
    [{ key: 'k', value: '6' }, false],
    [{ key: 'k', operator: 'Gt' as const, value: '3' }, true],
    [{ key: 'k', operator: 'Lt' as const, value: '3' }, false],
    [{ key: 'k', operator: 'Exists' as const, effect: 'NoSchedule' as const }, false],
  ])('%j', (toleration, expected) => expect(tolerates(toleration, taint)).toBe(expected));
});

describe('the pod collector', () => {
  const pod = (nodeName: string, deletionTimestamp?: string, phase?: 'Failed'): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { containers: [], nodeName },
    status: phase === undefined ? {} : { phase },
  });
  it('takes what no kubelet will', () => {
    const judge = (subject: Pod, nodeMissingFor?: number, surplus = false): string =>
      judgePod({ pod: subject, nodeMissingFor, surplus }).act;
    expect(judge(pod('', '2026-01-01T00:00:00Z'))).toBe('delete');
    expect(judge(pod(''))).toBe('keep');
    expect(judge(pod('n'), 10_000)).toBe('wait');
    expect(judge(pod('n'), 40_000)).toBe('delete');
    expect(judge(pod('n', undefined, 'Failed'), undefined, true)).toBe('delete');
    expect(judge(pod('n'), undefined, true)).toBe('keep');
  });

  it('keeps the youngest of too many', () => {
    const made = (uid: string, creationTimestamp: string) => ({
      ...pod('n'),
      metadata: { name: uid, uid, resourceVersion: '1', creationTimestamp },
    });
    const all = [
      made('b', '2026-01-01T00:00:02Z'),
      made('a', '2026-01-01T00:00:01Z'),
      made('c', '2026-01-01T00:00:03Z'),
    ];
    expect([...surplusPods(all, 2)]).toEqual(['a']);
  });
});

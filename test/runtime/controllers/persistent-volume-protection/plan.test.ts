import { describe, expect, it } from 'vitest';
import { planProtection, usesClaim } from '../../../../src/runtime/controllers/persistent-volume-protection/plan.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';
import type { Volume } from '../../../../src/types/kinds/generated/core-v1.gen.ts';
import { claimOf } from '../../../types/storage/objects.ts';

const deletionTimestamp = '2026-01-01T00:00:00Z';

function pod(volume: Omit<Volume, 'name'>, metadata: Pod['metadata'] = {}, nodeName = 'n1'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'web-uid', ...metadata },
    spec: { nodeName, containers: [{ name: 'c', image: 'x' }], volumes: [{ name: 'v', ...volume }] },
  };
}

describe('a claim', () => {
  const plain = { persistentVolumeClaim: { claimName: 'data' } };

  it('is used by pods with a node, to their last', () => {
    expect(usesClaim(pod(plain), claimOf('data'))).toBe(true);
    expect(usesClaim(pod(plain, { deletionTimestamp, deletionGracePeriodSeconds: 0 }), claimOf('data'))).toBe(true);
    expect(usesClaim(pod(plain, {}, ''), claimOf('data'))).toBe(false);
    expect(usesClaim(pod(plain), claimOf('other'))).toBe(false);
    expect(usesClaim(pod(plain, { namespace: 'elsewhere' }), claimOf('data'))).toBe(false);
  });

  it('that a pod carries with it is used until the pod has ended', () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'web-uid', controller: true };
    const own = claimOf('web-v', {}, { ownerReferences: [owner] });
    expect(usesClaim(pod({ ephemeral: {} }), own)).toBe(true);
    expect(usesClaim(pod({ ephemeral: {} }, { deletionTimestamp, deletionGracePeriodSeconds: 30 }), own)).toBe(true);
    expect(usesClaim(pod({ ephemeral: {} }, { deletionTimestamp, deletionGracePeriodSeconds: 0 }), own)).toBe(false);
    expect(usesClaim(pod({ ephemeral: {} }), claimOf('web-v'))).toBe(false);
  });

  it('has its finalizer until nobody uses it', () => {
    const leaving = claimOf('data', {}, { deletionTimestamp, finalizers: ['f', 'other'] });
    expect(planProtection(claimOf('data'), 'f', false)).toEqual(['f']);
    expect(planProtection(claimOf('data', {}, { finalizers: ['f'] }), 'f', false)).toBeUndefined();
    expect(planProtection(leaving, 'f', true)).toBeUndefined();
    expect(planProtection(leaving, 'f', false)).toEqual(['other']);
  });
});

/** What `up` makes of claims, and of pods that wait for them. */
import { describe, expect, it } from 'vitest';
import { podTrouble } from '../../../src/cli/up/pod-trouble.ts';
import { readinessOf } from '../../../src/cli/up/readiness.ts';
import type { Pod } from '../../../src/types/kinds/core/pod.ts';
import { boundClaim, claimOf } from '../../types/storage/objects.ts';

function unschedulable(message: string): Pod {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    status: { phase: 'Pending', conditions: [condition] },
  };
}

describe('a claim', () => {
  it('is ready when it is bound, and as ready as can be while it waits for a pod', () => {
    expect(readinessOf(boundClaim('data', 'v'))).toEqual({ state: 'ready', detail: 'Bound' });
    expect(readinessOf(claimOf('data')).state).toBe('ready');
    expect(readinessOf(claimOf('data', {}, {}, { phase: 'Lost' }))).toMatchObject({ state: 'failed' });
  });
});

describe('a pod that waits for its claim', () => {
  it.each([
    'persistentvolumeclaim "data" not found',
    'pod has unbound immediate PersistentVolumeClaims',
    'waiting for ephemeral volume controller to create the persistentvolumeclaim "web-data"',
  ])('may yet be served: %s', (reason) => {
    expect(podTrouble(unschedulable(`0/1 nodes are available: ${reason}.`))?.passing).toBe(true);
  });

  it('is told from one that no node takes', () => {
    expect(podTrouble(unschedulable('0/1 nodes are available: 1 Insufficient cpu.'))?.passing).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import {
  begunStatus,
  finishedStatus,
  planExpansion,
} from '../../../../src/runtime/controllers/volume-expansion/plan.ts';
import { boundClaim, volumeOf } from '../../../types/storage/objects.ts';

const grown = (status: object = {}) => {
  const claim = boundClaim('data', 'v');
  const spec = { ...claim.spec, resources: { requests: { storage: '3Gi' } } };
  return { ...claim, spec, status: { ...claim.status, ...status } };
};
const volume = (size = '1Gi', by = 'us') =>
  volumeOf('v', { size }, { annotations: { 'pv.kubernetes.io/provisioned-by': by } });
const busy = { allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' } };

describe('a claim that grows', () => {
  it('goes step by step, each of which a crash may follow', () => {
    expect(planExpansion(boundClaim('data', 'v'), volume(), 'us')).toEqual({ act: 'nothing' });
    expect(planExpansion(grown(), volume(), 'us')).toEqual({ act: 'begin', size: '3Gi' });
    expect(planExpansion(grown(busy), volume(), 'us')).toEqual({ act: 'grow-volume', size: '3Gi' });
    expect(planExpansion(grown(busy), volume('3Gi'), 'us')).toEqual({ act: 'finish', size: '3Gi' });
    expect(planExpansion(grown({ capacity: { storage: '3Gi' } }), volume('3Gi'), 'us')).toEqual({ act: 'nothing' });
  });

  it('is left to whoever made its volume', () => {
    expect(planExpansion(grown(), volume('1Gi', 'them'), 'us')).toEqual({ act: 'leave' });
    expect(planExpansion(grown(), undefined, 'us')).toEqual({ act: 'nothing' });
  });

  it('tells how far it is', () => {
    const other = { type: 'ModifyingVolume', status: 'True' };
    const begun = begunStatus(grown({ conditions: [other] }), '3Gi', new Date('2026-01-01T00:00:00Z'));
    expect(begun).toMatchObject({
      conditions: [other, { type: 'Resizing', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
      allocatedResources: { storage: '3Gi' },
      allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
    });
    expect(finishedStatus(grown(begun), '3Gi')).toEqual({
      phase: 'Bound',
      capacity: { storage: '3Gi' },
      conditions: [other],
      allocatedResources: { storage: '3Gi' },
    });
  });
});

/** How far the growth of a claim has come (KEP-1790). A folder has no size, so nothing but the objects grows. Pure. */
import { setCondition } from '../../../types/conditions.ts';
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import type {
  PersistentVolumeClaimCondition,
  PersistentVolumeClaimStatus,
} from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../../types/meta.ts';
import { compareQuantities } from '../../../types/quantity.ts';
import type { Quantity } from '../../../types/quantity.ts';
import { isFullyBound, PROVISIONED_BY } from '../../../types/storage/claim-facts.ts';
import { capacityOf, requestedStorage } from '../../../types/storage/volume-matching.ts';

type Claim = Persisted<PersistentVolumeClaim>;

export type ExpansionStep =
  | { readonly act: 'nothing' }
  /** Somebody else's volume. */
  | { readonly act: 'leave' }
  | { readonly act: 'begin'; readonly size: Quantity }
  | { readonly act: 'grow-volume'; readonly size: Quantity }
  | { readonly act: 'finish'; readonly size: Quantity };

/** @param provisioner whose volumes are grown */
export function planExpansion(claim: Claim, volume: PersistentVolume | undefined, provisioner: string): ExpansionStep {
  const size = requestedStorage(claim);
  const { phase, capacity, allocatedResourceStatuses } = claim.status ?? {};
  const has = capacity?.['storage'];
  if (!volume || !isFullyBound(claim) || phase !== 'Bound' || has === undefined) return { act: 'nothing' };
  const busy = allocatedResourceStatuses?.['storage'] !== undefined;
  if (compareQuantities(size, has) <= 0 && !busy) return { act: 'nothing' };
  if (volume.metadata.annotations?.[PROVISIONED_BY] !== provisioner) return { act: 'leave' };
  if (!busy) return { act: 'begin', size };
  return { act: compareQuantities(size, capacityOf(volume)) > 0 ? 'grow-volume' : 'finish', size };
}

export function begunStatus(claim: Claim, size: Quantity, now: Date): PersistentVolumeClaimStatus {
  const status = claim.status ?? {};
  const condition: PersistentVolumeClaimCondition = {
    type: 'Resizing',
    status: 'True',
    lastTransitionTime: `${now.toISOString().slice(0, 19)}Z`,
  };
  return {
    ...status,
    conditions: setCondition(status.conditions, condition),
    allocatedResources: { ...status.allocatedResources, storage: size },
    allocatedResourceStatuses: { ...status.allocatedResourceStatuses, storage: 'ControllerResizeInProgress' },
  };
}

const ofResizing: ReadonlySet<string> = new Set([
  'Resizing',
  'FileSystemResizePending',
  'ControllerResizeError',
  'NodeResizeError',
]);

export function finishedStatus(claim: Claim, size: Quantity): PersistentVolumeClaimStatus {
  const { conditions, allocatedResourceStatuses, ...status } = claim.status ?? {};
  const { storage: _done, ...statuses } = allocatedResourceStatuses ?? {};
  const left = (conditions ?? []).filter(({ type }) => !ofResizing.has(type));
  return {
    ...status,
    capacity: { ...status.capacity, storage: size },
    ...(left.length === 0 ? {} : { conditions: left }),
    ...(Object.keys(statuses).length === 0 ? {} : { allocatedResourceStatuses: statuses }),
  };
}

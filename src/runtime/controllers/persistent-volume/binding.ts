/** Claims and volumes as they look once they are bound, or let go. Pure; what has nothing to change is returned as it is. */
import { deepEqual } from '../../../shared/deep.ts';
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import type { PersistentVolumeClaimStatus } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../../types/meta.ts';
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  isBoundTo,
  STORAGE_PROVISIONER,
} from '../../../types/storage/claim-facts.ts';
import { compareQuantities } from '../../../types/quantity.ts';

type Claim = Persisted<PersistentVolumeClaim>;
type Volume = Persisted<PersistentVolume>;

function annotated<T extends Persisted>(object: T, annotations: Readonly<Record<string, string>>): T {
  const present = object.metadata.annotations ?? {};
  if (Object.entries(annotations).every(([name, value]) => present[name] === value)) return object;
  return { ...object, metadata: { ...object.metadata, annotations: { ...present, ...annotations } } };
}

export function volumeBoundTo(volume: Volume, claim: Claim): Volume {
  const chosenHere = !isBoundTo(volume, claim);
  const reference = volume.spec?.claimRef;
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  if (!chosenHere && reference?.uid === uid) return volume;
  const { apiVersion, kind } = PersistentVolumeClaim;
  const claimRef = { apiVersion, kind, namespace, name, uid, resourceVersion };
  const bound = { ...volume, spec: { ...volume.spec, claimRef } };
  return chosenHere ? annotated(bound, { [BOUND_BY_CONTROLLER]: 'yes' }) : bound;
}

export function claimBoundTo(claim: Claim, volume: Volume): Claim {
  const volumeName = volume.metadata.name;
  const done = annotated(claim, { [BIND_COMPLETED]: 'yes' });
  if (claim.spec?.volumeName === volumeName) return done;
  const spec = { ...claim.spec, volumeName };
  return { ...annotated(done, { [BOUND_BY_CONTROLLER]: 'yes' }), spec };
}

/** A claim that was bound before keeps its capacity: an expansion may be under way. */
export function boundStatus({ status = {} }: Claim, { spec }: Volume): PersistentVolumeClaimStatus {
  const [had, has] = [status.capacity?.['storage'], spec?.capacity?.['storage']];
  const differs = had === undefined || has === undefined || compareQuantities(had, has) !== 0;
  const attributes = spec?.volumeAttributesClassName;
  return {
    ...status,
    phase: 'Bound',
    accessModes: spec?.accessModes,
    ...(status.phase !== 'Bound' && differs ? { capacity: spec?.capacity } : {}),
    ...(attributes === undefined || attributes === '' ? {} : { currentVolumeAttributesClassName: attributes }),
  };
}

export function unboundStatus({ status = {} }: Claim, phase: 'Lost' | 'Pending'): PersistentVolumeClaimStatus {
  const { accessModes: _modes, capacity: _capacity, ...rest } = status;
  return { ...rest, phase };
}

/** A volume that this controller had chosen is free again; one that was made for a claim stays kept for its name. */
export function unboundVolume(volume: Volume): Volume {
  const { claimRef, ...spec } = volume.spec ?? {};
  const { [BOUND_BY_CONTROLLER]: chosenHere, ...annotations } = volume.metadata.annotations ?? {};
  if (chosenHere !== undefined) return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  const { uid: _uid, resourceVersion: _version, ...kept } = claimRef ?? {};
  return { ...volume, spec: { ...spec, claimRef: kept } };
}

export function askedOf(claim: Claim, provisioner: string): Claim {
  return annotated(claim, Object.fromEntries(STORAGE_PROVISIONER.map((name) => [name, provisioner])));
}

export function sameStatus(a: Claim, status: PersistentVolumeClaimStatus): boolean {
  return deepEqual(a.status ?? {}, JSON.parse(JSON.stringify(status)));
}

import { mountClaim } from './claimed-volume.ts';
import type { VolumeType } from './volume-type.ts';

/** What the volume that is bound to the claim holds: it outlives the pod. */
export const claimVolume: VolumeType = {
  field: 'persistentVolumeClaim',
  live: false,
  setUp: (volume, context) => mountClaim(volume, context),
};

import { mountClaim } from './claimed-volume.ts';
import type { VolumeType } from './volume-type.ts';

/** As a claim, but one that was made for the pod and goes with it (KEP-1698). */
export const ephemeralVolume: VolumeType = {
  field: 'ephemeral',
  live: false,
  setUp: (volume, context) => mountClaim(volume, context),
};

/** THE table of volume types that this kubelet makes. */
import type { Volume } from '../../../types/kinds/generated/core-v1.gen.ts';
import { claimVolume } from './claim.ts';
import { configMapVolume } from './config-map.ts';
import { downwardApiVolume } from './downward-api.ts';
import { emptyDirVolume } from './empty-dir.ts';
import { ephemeralVolume } from './ephemeral.ts';
import { hostPathVolume } from './host-path.ts';
import { projectedVolume } from './projected.ts';
import { secretVolume } from './secret.ts';
import { VolumeError, type VolumeType } from './volume-type.ts';

export const volumeTypes = [
  claimVolume,
  configMapVolume,
  downwardApiVolume,
  emptyDirVolume,
  ephemeralVolume,
  hostPathVolume,
  projectedVolume,
  secretVolume,
] as const satisfies readonly VolumeType[];

/** @throws VolumeError for a type that is not in the table */
export function volumeTypeOf(volume: Volume): VolumeType {
  const found = volumeTypes.find((type) => volume[type.field] !== undefined);
  if (found) return found;
  const fields = Object.keys(volume).filter((key) => key !== 'name');
  if (fields.length === 0) return emptyDirVolume;
  const known = volumeTypes.map((type) => type.field).join(', ');
  throw new VolumeError(`volume type ${fields.join(', ')} is not supported on this node, which has ${known}`);
}

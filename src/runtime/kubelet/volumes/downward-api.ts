import { writeAtomically } from './atomic-folder.ts';
import { DEFAULT_MODE, downwardFiles, needsAddress } from './payload.ts';
import type { VolumeType } from './volume-type.ts';

export const downwardApiVolume: VolumeType = {
  field: 'downwardAPI',
  live: true,
  async setUp(volume, { pod, folder, place }) {
    const { items = [], defaultMode = DEFAULT_MODE } = volume.downwardAPI ?? {};
    const files = downwardFiles(pod, items, defaultMode, await place(needsAddress(items)));
    writeAtomically(folder, files, pod.spec?.securityContext?.fsGroup);
    return { path: folder };
  },
};

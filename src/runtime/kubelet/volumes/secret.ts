import { writeAtomically } from './atomic-folder.ts';
import { DEFAULT_MODE, secretFiles } from './payload.ts';
import type { VolumeType } from './volume-type.ts';

export const secretVolume: VolumeType = {
  field: 'secret',
  live: true,
  async setUp(volume, { pod, memoryFolder, sources }) {
    const { secretName = '', items, defaultMode = DEFAULT_MODE, optional = false } = volume.secret ?? {};
    const secret = await sources.secret(pod.metadata.namespace ?? '', secretName);
    const files = secretFiles(secretName, secret, { items, mode: defaultMode, optional });
    writeAtomically(memoryFolder, files, pod.spec?.securityContext?.fsGroup);
    return { path: memoryFolder };
  },
};

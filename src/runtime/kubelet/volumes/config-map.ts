import { writeAtomically } from './atomic-folder.ts';
import { configMapFiles, DEFAULT_MODE } from './payload.ts';
import type { VolumeType } from './volume-type.ts';

export const configMapVolume: VolumeType = {
  field: 'configMap',
  live: true,
  async setUp(volume, { pod, folder, sources }) {
    const { name = '', items, defaultMode = DEFAULT_MODE, optional = false } = volume.configMap ?? {};
    const configMap = await sources.configMap(pod.metadata.namespace ?? '', name);
    const files = configMapFiles(name, configMap, { items, mode: defaultMode, optional });
    writeAtomically(folder, files, pod.spec?.securityContext?.fsGroup);
    return { path: folder };
  },
};

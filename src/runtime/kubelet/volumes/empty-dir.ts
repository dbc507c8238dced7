import { chmod, chown, mkdir } from 'node:fs/promises';
import { amountOf } from '../resource-amounts.ts';
import { isMountPoint, mountTmpfs, unmount } from '../mounts.ts';
import type { VolumeType } from './volume-type.ts';

export const emptyDirVolume: VolumeType = {
  field: 'emptyDir',
  live: false,
  async setUp(volume, { pod, folder }) {
    const { medium, sizeLimit } = volume.emptyDir ?? {};
    await mkdir(folder, { recursive: true, mode: 0o777 });
    if (medium === 'Memory' && !(await isMountPoint(folder))) {
      const bytes = sizeLimit === undefined ? 0 : Math.ceil(amountOf(sizeLimit));
      await mountTmpfs(folder, { mode: '1777', ...(bytes > 0 ? { size: String(bytes) } : {}) });
    }
    const group = pod.spec?.securityContext?.fsGroup;
    if (group !== undefined) await chown(folder, -1, group);
    // Set apart from mkdir, whose mode the process's umask cuts. The set-group-id bit hands the group on to new files;
    // in memory, the kernel's own mode keeps users of a pod from removing each other's files.
    await chmod(folder, 0o777 | (group === undefined ? 0 : 0o2000) | (medium === 'Memory' ? 0o1000 : 0));
    return { path: folder };
  },
  async tearDown(_volume, { folder }) {
    if (await isMountPoint(folder)) await unmount(folder);
  },
};

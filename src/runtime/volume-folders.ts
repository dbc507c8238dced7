/** The folders behind provisioned volumes: they outlive pods, restarts and the daemon, and go with their volume or the cluster. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import type { VolumeFolders } from './controllers/volume-provisioner/volume-folders.ts';

/** @param root the folder of all volumes of a cluster, absolute */
export function volumeFoldersIn(root: string): VolumeFolders {
  return {
    async create(name) {
      const path = join(root, name);
      if (dirname(path) !== root || basename(path) !== name) throw new Error(`no volume can be called ${name}`);
      await mkdir(root, { recursive: true, mode: 0o700 });
      await mkdir(path, { recursive: true });
      // Set apart from mkdir, whose mode the process's umask cuts. Pods of any user write here, nobody else reaches it.
      await chmod(path, 0o777);
      return path;
    },
    async remove(path) {
      // A volume is an object that users write: what it names is removed only where volumes lie, or where all is temporary.
      const whole = normalize(path);
      const isOwn = dirname(whole) === root;
      if (!isOwn && !/^\/tmp\/./.test(whole)) throw new Error(`${path} is no folder of a volume of this cluster`);
      await rm(whole, { recursive: true, force: true });
    },
  };
}

/** Where a pod's files lie on the host. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMountPoint, mountPointsBelow, mountTmpfs, unmount } from './mounts.ts';
import { isMissing } from './volumes/atomic-folder.ts';

export class PodFolders {
  readonly #pods: string;
  readonly #memory: string;

  /** @param root the cluster's data folder, absolute */
  constructor(root: string) {
    this.#pods = join(root, 'pods');
    this.#memory = join(root, 'pods-in-memory');
  }

  /** Secrets and tokens are kept in a tmpfs; it outlives the daemon as its containers do. */
  async prepare(): Promise<void> {
    await mkdir(this.#pods, { recursive: true, mode: 0o700 });
    await mkdir(this.#memory, { recursive: true, mode: 0o700 });
    if (!(await isMountPoint(this.#memory))) await mountTmpfs(this.#memory, { mode: '0700' });
  }

  pod(uid: string): string {
    return join(this.#pods, uid);
  }

  volume(uid: string, type: string, name: string): string {
    return join(this.#pods, uid, 'volumes', `kubernetes.io~${type}`, name);
  }

  memoryVolume(uid: string, type: string, name: string): string {
    return join(this.#memory, uid, `kubernetes.io~${type}`, name);
  }

  container(uid: string, name: string): string {
    return join(this.#pods, uid, 'containers', name);
  }

  /** Uids of all pods that have files here. */
  async uids(): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const folder of [this.#pods, this.#memory]) {
      for (const uid of await namesIn(folder)) found.add(uid);
    }
    return [...found];
  }

  async remove(uid: string): Promise<void> {
    // A removal that went on into a mount point would empty what is mounted there.
    for (const point of [...(await mountPointsBelow(this.pod(uid)))].reverse()) await unmount(point);
    await rm(this.pod(uid), { recursive: true, force: true });
    await rm(join(this.#memory, uid), { recursive: true, force: true });
  }

  /** Undoes `prepare`, for a cluster that is deleted. */
  async removeAll(): Promise<void> {
    for (const uid of await this.uids()) await this.remove(uid);
    if (await isMountPoint(this.#memory)) await unmount(this.#memory);
    await rm(this.#memory, { recursive: true, force: true });
    await rm(this.#pods, { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

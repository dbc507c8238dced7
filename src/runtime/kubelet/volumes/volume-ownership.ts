/** Hands a volume to the group of a pod (KEP-695): everything in it is the group's, which may read and write it. */
import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './atomic-folder.ts';

const READ_WRITE = 0o660;
const SEARCH = 0o110;
/** On folders: new files become the group's too. */
const SET_GROUP_ID = 0o2000;
const FOLDER = READ_WRITE | SEARCH | SET_GROUP_ID;

/** With `OnRootMismatch` the volume's own folder answers for all that is in it. */
export async function handToGroup(path: string, group: number, policy: 'Always' | 'OnRootMismatch'): Promise<void> {
  const root = await lstat(path);
  if (policy === 'OnRootMismatch' && root.gid === group && (root.mode & FOLDER) === FOLDER) return;
  // The root comes last: it is the sign that everything below has been done.
  await handOverBelow(path, group);
  await handOver(path, group);
}

async function handOverBelow(folder: string, group: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    try {
      if (entry.isDirectory()) await handOverBelow(path, group);
      await handOver(path, group);
    } catch (error) {
      // Another pod that uses the volume has removed it meanwhile.
      if (!isMissing(error)) throw error;
    }
  }
}

async function handOver(path: string, group: number): Promise<void> {
  const found = await lstat(path);
  if (found.gid !== group) await lchown(path, found.uid, group);
  // A link has no mode of its own, and where it points to may be outside.
  if (found.isSymbolicLink()) return;
  const wanted = found.mode | (found.isDirectory() ? FOLDER : READ_WRITE);
  if (wanted !== found.mode || found.gid !== group) await chmod(path, wanted & 0o7777);
}

/** Docker leaves a pod's cgroup behind when its containers are gone. */
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** Removes the cgroup in every hierarchy: version 1 has one per controller. What is in use, or gone, is left alone. */
export async function removeCgroups(parent: string): Promise<void> {
  // Slices of the systemd driver are removed by systemd when they are empty.
  if (parent.endsWith('.slice') || parent === '') return;
  const hierarchies = await namesIn(ROOT);
  await Promise.all(
    [ROOT, ...hierarchies.map((name) => join(ROOT, name))].map((root) => removeEmpty(join(root, parent))),
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isExpected(error)) return [];
    throw error;
  }
}

async function removeEmpty(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) await removeEmpty(join(folder, name));
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
}

function isExpected(error: unknown): boolean {
  const codes: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EBUSY', 'ENOTEMPTY', 'EACCES', 'EPERM', 'EROFS'];
  return error instanceof Error && 'code' in error && codes.includes(error.code);
}

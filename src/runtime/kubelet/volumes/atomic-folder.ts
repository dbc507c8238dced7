/**
 * Files that change all at once: they lie in a folder of their own, `..data` points at it, and the visible names point
 * through `..data`. Readers see the old set or the new one, never a mixture; the layout is the one that programs which watch
 * their configuration rely upon.
 */
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Payload } from './volume-type.ts';

const DATA = '..data';
const NEXT = '..data_tmp';

export async function writeAtomically(folder: string, payload: Payload, group: number | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const former = await linkTarget(join(folder, DATA));
  if (former !== undefined && (await holds(join(folder, former), payload))) return;
  // Not joined: that would make the dots mean the parent.
  const made = await mkdtemp(`${folder}/..`);
  await chmod(made, 0o755);
  for (const [path, { data, mode }] of payload) {
    const target = join(made, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, data, { mode: 0o600 });
    // A mode given to open() would be cut by the process's umask.
    if (group !== undefined) await chown(target, -1, group);
    await chmod(target, group === undefined ? mode : mode | 0o440);
  }
  await rm(join(folder, NEXT), { force: true });
  await symlink(made.slice(folder.length + 1), join(folder, NEXT));
  await rename(join(folder, NEXT), join(folder, DATA));
  await showNames(folder, new Set([...payload.keys()].map((path) => path.split('/', 1)[0] ?? '')));
  if (former !== undefined) await rm(join(folder, former), { recursive: true, force: true });
}

async function showNames(folder: string, names: ReadonlySet<string>): Promise<void> {
  const present = new Set(await readdir(folder));
  for (const name of names) if (!present.has(name)) await symlink(join(DATA, name), join(folder, name));
  for (const name of present) {
    if (!name.startsWith('..') && !names.has(name)) await rm(join(folder, name), { force: true });
  }
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function holds(folder: string, payload: Payload): Promise<boolean> {
  const names = await filesBelow(folder, '');
  if (names === undefined || names.length !== payload.size) return false;
  for (const name of names) {
    const wanted = payload.get(name);
    if (!wanted || !Buffer.from(wanted.data).equals(await readFile(join(folder, name)))) return false;
  }
  return true;
}

async function filesBelow(folder: string, prefix: string): Promise<string[] | undefined> {
  try {
    const names: string[] = [];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = `${prefix}${entry.name}`;
      if (entry.isDirectory()) names.push(...((await filesBelow(join(folder, entry.name), `${path}/`)) ?? []));
      else names.push(path);
    }
    return names;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Undefined when there is nothing at the path. */
export async function fileKind(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

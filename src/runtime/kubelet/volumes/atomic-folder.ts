/**
 * Files that change all at once: they lie in a folder of their own, `..data` points at it, and the visible names point
 * through `..data`. Readers see the old set or the new one, never a mixture; the layout is the one that programs which watch
 * their configuration rely upon.
 */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../../../shared/error-code.ts';
import type { Payload } from './volume-type.ts';

const DATA = '..data';
const NEXT = '..data_tmp';
const OWNER_ONLY = 0o600;

/**
 * At once and not in turns with others: the files are small, lie in memory or its cache, and two dozen operations on them take
 * less time than handing a few of them to another thread. Nothing of the pod can start before.
 */
export function writeAtomically(folder: string, payload: Payload, group: number | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const former = linkTarget(join(folder, DATA));
  if (former !== undefined && holds(join(folder, former), payload)) return;
  // Not joined: that would make the dots mean the parent.
  const made = mkdtempSync(`${folder}/..`);
  chmodSync(made, 0o755);
  for (const [path, { data, mode: wanted, owner }] of payload) {
    const target = join(made, path);
    if (path.includes('/')) mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    writeFileSync(target, data, { mode: 0o600 });
    const mode = owner !== undefined && gaveTo(owner, target) ? OWNER_ONLY : wanted;
    // A mode given to open() would be cut by the process's umask.
    if (group !== undefined) chownSync(target, -1, group);
    chmodSync(target, group === undefined ? mode : mode | 0o440);
  }
  rmSync(join(folder, NEXT), { force: true });
  symlinkSync(made.slice(folder.length + 1), join(folder, NEXT));
  renameSync(join(folder, NEXT), join(folder, DATA));
  showNames(folder, new Set([...payload.keys()].map((path) => path.split('/', 1)[0] ?? '')));
  if (former !== undefined) rmSync(join(folder, former), { recursive: true, force: true });
}

/** False where this process has no right to: the file has to be readable by everybody then. */
function gaveTo(owner: number, path: string): boolean {
  try {
    chownSync(path, owner, -1);
    return true;
  } catch (error) {
    if (hasCode(error, 'EPERM')) return false;
    throw error;
  }
}

function showNames(folder: string, names: ReadonlySet<string>): void {
  const present = new Set(readdirSync(folder));
  for (const name of names) if (!present.has(name)) symlinkSync(join(DATA, name), join(folder, name));
  for (const name of present) {
    if (!name.startsWith('..') && !names.has(name)) rmSync(join(folder, name), { force: true });
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function holds(folder: string, payload: Payload): boolean {
  const names = filesBelow(folder, '');
  if (names === undefined || names.length !== payload.size) return false;
  for (const name of names) {
    const wanted = payload.get(name);
    if (!wanted || !Buffer.from(wanted.data).equals(readFileSync(join(folder, name)))) return false;
  }
  return true;
}

function filesBelow(folder: string, prefix: string): string[] | undefined {
  try {
    const names: string[] = [];
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = `${prefix}${entry.name}`;
      if (entry.isDirectory()) names.push(...(filesBelow(join(folder, entry.name), `${path}/`) ?? []));
      else names.push(path);
    }
    return names;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR');
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

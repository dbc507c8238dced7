import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isRecord } from '../../shared/deep.ts';

/** Another process that is alive works in the directory. */
export class DirectoryInUse extends Error {
  constructor(
    readonly directory: string,
    readonly pid: number,
  ) {
    super(`${directory} is in use by process ${pid}: stop that process, or use another directory`);
  }
}

/** A process beyond doubt: numbers are used again, a number together with its start is not. */
interface Owner {
  readonly pid: number;
  /** Boot and start time on Linux, empty where the system does not tell. */
  readonly started: string;
}

/**
 * Takes the directory for this process until disposed. The lock of a process that is gone is taken over.
 * @throws DirectoryInUse
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'lock');
  const unique = `${process.pid}.${randomBytes(6).toString('hex')}`;
  const own = join(directory, `lock.${unique}`);
  const content = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) } satisfies Owner);
  // Written whole under another name and then linked, so that nobody ever reads half a lock.
  await writeFile(own, content, { mode: 0o600, flag: 'wx' });
  try {
    while (!(await tryLink(own, path))) {
      const seen = await readIfThere(path);
      if (seen === undefined) continue;
      const owner = parseOwner(seen);
      if (owner !== undefined && (await isAlive(owner))) throw new DirectoryInUse(directory, owner.pid);
      await takeAway(path, seen, `${own}.stale`);
    }
  } finally {
    await unlink(own);
  }
  return {
    async [Symbol.asyncDispose]() {
      if ((await readIfThere(path)) === content) await unlink(path);
    },
  };
}

/** Moves a stale lock aside; if another process replaced it in the meantime, its lock goes back where it was. */
async function takeAway(path: string, stale: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readIfThere(aside)) !== stale) await tryLink(aside, path);
  await unlink(aside);
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if (!hasCode(error, 'EPERM')) return false;
  }
  const started = await startOf(owner.pid);
  return started === '' || owner.started === '' || started === owner.started;
}

/** See proc(5): field 22 of `stat` counts clock ticks from the boot to the process's start. */
async function startOf(pid: number): Promise<string> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  const boot = await readIfThere('/proc/sys/kernel/random/boot_id');
  // The second field is the command's name in parentheses and may hold spaces and parentheses itself.
  const start = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return start === undefined || boot === undefined ? '' : `${boot.trim()}:${start}`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/** Undefined for what is no lock, such as the empty file that a power failure leaves. */
function parseOwner(text: string): Owner | undefined {
  const match = /^\{.*\}$/s.test(text) ? parseJson(text) : undefined;
  if (!isRecord(match)) return undefined;
  const { pid, started } = match;
  return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 && typeof started === 'string'
    ? { pid, started }
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hasCode } from '../../shared/error-code.ts';
import { isRecord } from '../../shared/deep.ts';
import { processStat } from '../../shared/process-files.ts';

/** Another process that is alive works in the directory. */
export class DirectoryInUse extends Error {
  constructor(
    readonly directory: string,
    readonly pid: number,
  ) {
    super(`${directory} is in use by process ${pid}: stop that process, or use another directory`);
  }
}

/** Stands beside a lock whose owner has won the directory. */
const HELD = '.held';

interface Rival {
  readonly name: string;
  readonly pid: number;
  readonly holds: boolean;
}

/** A process beyond doubt: numbers are used again, a number together with its start is not. */
interface Owner {
  readonly pid: number;
  /** Boot and start time on Linux, empty where the system does not tell. */
  readonly started: string;
}

/**
 * Takes the directory for this process until disposed. The locks of processes that are gone are taken away.
 *
 * Every contender puts down a file of its own and then looks at the others: whoever holds the directory wins, else whose name
 * sorts first. Nobody ever removes the file of a live process, so there is no moment in which two can win. Ties are few and
 * short: a contender that sorts first waits only until the others have looked.
 * @throws DirectoryInUse
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const name = `lock.${process.pid}.${randomBytes(6).toString('hex')}`;
  const path = join(directory, name);
  const content = JSON.stringify({ pid: process.pid, started: (await startOf(process.pid)) ?? '' } satisfies Owner);
  // Renamed into place, so that nobody ever reads half a lock.
  await writeFile(`${path}.new`, content, { mode: 0o600, flag: 'wx' });
  await rename(`${path}.new`, path);
  const release = async (): Promise<void> => {
    await removeIfThere(path);
    await removeIfThere(path + HELD);
  };
  try {
    for (
      let others = await liveRivals(directory, name);
      others.length > 0;
      others = await liveRivals(directory, name)
    ) {
      const winner = others.find((rival) => rival.holds || rival.name < name);
      if (winner !== undefined) throw new DirectoryInUse(directory, winner.pid);
    }
    await writeFile(path + HELD, '', { mode: 0o600 });
  } catch (error) {
    await release();
    throw error;
  }
  return { [Symbol.asyncDispose]: release };
}

/** The other locks in the directory whose process lives; the rest is removed. */
async function liveRivals(directory: string, own: string): Promise<readonly Rival[]> {
  const rivals: Rival[] = [];
  for (const name of await readdir(directory)) {
    if (name === own || !/^lock\.[^.]+\.[^.]+$/.test(name)) continue;
    const path = join(directory, name);
    const text = await readIfThere(path);
    if (text === undefined) continue;
    const owner = parseOwner(text);
    if (owner !== undefined && (await isAlive(owner))) {
      rivals.push({ name, pid: owner.pid, holds: (await readIfThere(path + HELD)) !== undefined });
    } else {
      await removeIfThere(path);
      await removeIfThere(path + HELD);
    }
  }
  return rivals;
}

async function removeIfThere(path: string): Promise<void> {
  await rm(path, { force: true });
}

async function isAlive(owner: Owner): Promise<boolean> {
  if (!isThere(owner.pid)) return false;
  const started = await startOf(owner.pid);
  if (started === undefined) return false;
  // No word of its start: the system does not tell, or it has ended since.
  if (started === '') return isThere(owner.pid);
  return owner.started === '' || started === owner.started;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return hasCode(error, 'EPERM');
  }
}

/** The boot and the ticks since; undefined for a zombie, the empty string where neither can be read. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = processStat((await readIfThere(`/proc/${pid}/stat`)) ?? '');
  const boot = await readIfThere('/proc/sys/kernel/random/boot_id');
  if (stat?.zombie) return undefined;
  return stat === undefined || boot === undefined ? '' : `${boot.trim()}:${stat.start}`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
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

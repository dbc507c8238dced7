/**
 * Runs a bundled script with what V8 made of it in an earlier run, so that a command that is short otherwise does not spend
 * most of its time on compiling its own code. V8 trusts what it is given, so the folder has to be private to its owner, and
 * files carry a digest. Whatever goes wrong here costs time, never a command.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { builtFile } from '../compiler/package-folder.ts';
import { systemClock } from '../shared/clock.ts';
import type { Milliseconds } from '../shared/clock.ts';
import { importModule } from '../shared/import-module.ts';
import { homeFolder } from './home.ts';
import { version } from './version.ts';

const digestLength = 32;
/** Parts times versions of this package and of Node that are in use at a time. */
const mostFiles = 12;

function digest(content: string | Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}

function isFileProblem(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

/** Whether nobody else can put files there. */
function isPrivate(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}

class ScriptCache {
  readonly #folder = join(homeFolder(), '.cache', 'code');
  readonly #file: string;

  constructor(script: string, part: string) {
    const { ino, size, ctimeMs } = statSync(script);
    const { versions, execArgv, arch, platform } = process;
    const key = [version, versions, execArgv, arch, platform, script, ino, size, ctimeMs, part];
    this.#file = join(this.#folder, digest(JSON.stringify(key)).toString('hex'));
  }

  /** Undefined where there is none, or none that can be trusted. */
  get(): Buffer | undefined {
    try {
      if (!isPrivate(this.#folder)) return undefined;
      const bytes = readFileSync(this.#file);
      const content = bytes.subarray(digestLength);
      return digest(content).equals(bytes.subarray(0, digestLength)) ? content : undefined;
    } catch (error) {
      if (isFileProblem(error)) return undefined;
      throw error;
    }
  }

  put(content: Buffer): void {
    const draft = `${this.#file}.${process.pid}.part`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      if (!isPrivate(this.#folder)) return;
      this.#makeRoom();
      writeFileSync(draft, Buffer.concat([digest(content), content]), { mode: 0o600 });
      renameSync(draft, this.#file);
    } catch (error) {
      if (!isFileProblem(error)) throw error;
      if (existsSync(draft)) rmSync(draft, { force: true });
    }
  }

  #makeRoom(): void {
    const times = readdirSync(this.#folder).map((name) => {
      const path = join(this.#folder, name);
      return { path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
    });
    times.sort((a, b) => b.time - a.time);
    for (const { path } of times.slice(mostFiles - 1)) rmSync(path, { force: true });
  }
}

/**
 * @param name a CommonJS script of this package
 * @param part what of the script is going to run: what V8 keeps is that which did
 * @param keepAfter keeps it so long after the start already, for what may be killed instead of ending
 */
export function runScript(name: string, part: string, keepAfter?: Milliseconds): void {
  const file = builtFile(name);
  const cache = new ScriptCache(file, part);
  const cachedData = cache.get();
  // Nothing but ASCII stands in it, which V8 takes as it is when it is known to be one byte a letter.
  const text = `(function(exports,require,module,__filename,__dirname,__import){${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(text, { filename: file, cachedData });
  if (!cachedData || script.cachedDataRejected === true) {
    const keep = (): void => cache.put(script.createCachedData());
    process.once('exit', keep);
    if (keepAfter !== undefined)
      systemClock.schedule(keepAfter, () => {
        process.off('exit', keep);
        keep();
      });
  }
  const main: unknown = script.runInThisContext();
  if (typeof main !== 'function') throw new Error(`${file} is damaged: install the package again`);
  const module = { exports: {} };
  Reflect.apply(main, module.exports, [module.exports, createRequire(file), module, file, dirname(file), importModule]);
}

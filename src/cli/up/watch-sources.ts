/** Calls back after each settled burst of changes of programs and what they depend on. */
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { systemClock } from '../../shared/clock.ts';

const settleTime = 50;
/** A program in a home or root folder is no reason to watch all that is below. */
const mostFolders = 2_000;
const foreign: ReadonlySet<string> = new Set(['node_modules', '.git']);
/** What editors put beside files while they write them, and what only shells look at. */
const unseen = /^\.|~$|\.(?:part|swp|tmp)$/;

/** Why a round was broken off. */
class Superseded extends Error {}

/** What programs and manifests are written in; of other files only those that were read count. */
const source = /\.(?:[cm]?[jt]sx?|json|ya?ml)$/i;

/** One round; answers with the absolute paths that its result depends on. The signal says that the sources have changed again. */
export type Round = (superseded: AbortSignal) => Promise<readonly string[]>;

/** Folders are watched, not files: editors replace files rather than write into them. */
class Folders implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>();
  #inputs: ReadonlySet<string> = new Set();

  constructor(readonly changed: () => void) {}

  /** A folder and all below. */
  async watchTree(folder: string): Promise<void> {
    if (!this.#watch(folder)) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries)
      if (entry.isDirectory() && !foreign.has(entry.name) && !entry.name.startsWith('.'))
        await this.watchTree(join(folder, entry.name));
  }

  dependOn(inputs: readonly string[]): void {
    if (inputs.length === 0) return;
    this.#inputs = new Set(inputs);
    for (const input of inputs) if (!/[/\\]node_modules[/\\]/.test(input)) this.#watch(dirname(input));
  }

  /** Whether it is watched only from now on. */
  #watch(folder: string): boolean {
    if (this.#watchers.has(folder) || this.#watchers.size >= mostFolders) return false;
    try {
      const watcher = watch(folder, (event, name) => {
        if (name !== null) void this.#noticed(event, join(folder, name), name);
        else this.changed();
      });
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
      return true;
    } catch {
      // The folder went away since it was named; where it lay is watched, so its return is noticed.
      return false;
    }
  }

  async #noticed(event: string, path: string, name: string): Promise<void> {
    if (this.#watchers.has(path) && !(await isFolder(path))) this.#forget(path);
    if (foreign.has(name)) return;
    if (event === 'rename' && (await isFolder(path))) {
      if (name.startsWith('.')) return;
      await this.watchTree(path);
    } else if (!this.#matters(path, name)) return;
    this.changed();
  }

  /** Whoever writes a log of the rounds into the folder does not want one round after the other. */
  #matters(path: string, name: string): boolean {
    if (this.#inputs.has(path)) return true;
    return !unseen.test(name) && (source.test(name) || this.#inputs.has(dirname(path)));
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Calls `round` once, when every later change is noticed already, and again after changes. A change during a round breaks
 * it off, if it looks at its signal, and leads to another. What goes wrong in a round is told, and the next change tries
 * again. Ends only with the signal.
 */
export async function watchSources(entries: readonly string[], signal: AbortSignal, round: Round): Promise<void> {
  let timer: Disposable | undefined;
  let running = Promise.resolve();
  let current = new AbortController();
  const report = (error: unknown): void => {
    if (error instanceof Superseded || signal.aborted) return;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  };
  const start = (): void => {
    current.abort(new Superseded());
    const own = (current = new AbortController());
    const either = AbortSignal.any([signal, own.signal]);
    running = running
      .then(async () => {
        if (!either.aborted) folders.dependOn(await round(either));
      })
      .catch(report);
  };
  using folders = new Folders(() => {
    timer?.[Symbol.dispose]();
    timer = systemClock.schedule(settleTime, start);
  });
  for (const entry of entries) {
    const path = resolve(entry);
    await folders.watchTree((await isFolder(path)) ? path : dirname(path));
  }
  start();
  try {
    await aborted(signal);
  } finally {
    timer?.[Symbol.dispose]();
    await running;
  }
}

/** Rejects with the signal's reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

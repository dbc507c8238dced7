/** Reads the manifests of a folder bit by bit, so that whoever types meanwhile is answered. */
import { isUtf8 } from 'node:buffer';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { sleep } from '../shared/clock.ts';
import { hasCode } from '../shared/error-code.ts';
import type { Project } from './project.ts';

/** Files that are larger hold data, not manifests written by people. */
export const largestFile = 4 * 1024 * 1024;
const mostFiles = 20_000;
const sliceLength = 8;

const skippedFolders: ReadonlySet<string> = new Set(['node_modules', 'vendor', 'dist', 'build', 'target', 'coverage']);

export function isManifestFile(path: string): boolean {
  if (
    /(?:^|\/)(?:package(?:-lock)?|tsconfig[^/]*|composer|angular|nx|jsconfig)\.json$|(?:^|\/)(?:pnpm-lock|docker-compose[^/]*|compose|mkdocs)\.ya?ml$/.test(
      path,
    )
  )
    return false;
  return /\.(?:ya?ml|json)$/i.test(path);
}

/** Folders that cannot be read have nothing for us; links are not followed, since they may lead in circles. */
async function* filesIn(folder: string, signal: AbortSignal): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (signal.aborted) return;
    const path = join(folder, entry.name);
    if (entry.isFile() && isManifestFile(path)) yield path;
    else if (entry.isDirectory() && !entry.name.startsWith('.') && !skippedFolders.has(entry.name))
      yield* filesIn(path, signal);
  }
}

export function tooLargeText(size: number): string {
  const megabytes = (size / (1024 * 1024)).toFixed(1);
  return `this file has ${megabytes} MiB and is not checked; files of more than ${largestFile / (1024 * 1024)} MiB are not read`;
}

/** A text, or why there is none; neither for what has nothing to do with Kubernetes. */
export interface ReadManifest {
  readonly text?: string;
  readonly problem?: string;
}

/** JSON is written for a thousand programs; YAML that is gone meanwhile is nobody's loss. */
export async function readManifest(path: string): Promise<ReadManifest> {
  const isJson = basename(path).endsWith('.json');
  try {
    const found = await stat(path);
    if (!found.isFile()) return {};
    const { size } = found;
    if (size > largestFile) return isJson ? {} : { problem: tooLargeText(size) };
    const bytes = await readFile(path);
    if (bytes.includes(0)) return isJson ? {} : { problem: 'this file is binary and is not checked' };
    if (!isUtf8(bytes)) return isJson ? {} : { problem: 'this file is no valid UTF-8 and is not checked' };
    const text = bytes.toString('utf8');
    return isJson && !text.includes('"apiVersion"') ? {} : { text };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return {};
    if (error instanceof Error && 'code' in error) return { problem: `this file cannot be read: ${error.message}` };
    throw error;
  }
}

export interface LoadReport {
  readonly files: number;
  readonly left: boolean;
}

/** Whoever types meanwhile is answered between the slices. */
class Slices {
  #since: number;

  constructor(
    readonly clock: Clock,
    readonly signal: AbortSignal,
  ) {
    this.#since = clock.monotonic();
  }

  async pause(): Promise<void> {
    if (this.clock.monotonic() - this.#since < sliceLength) return;
    // A timer lets messages in; a resolved promise would not.
    await sleep(this.clock, 1, this.signal).catch(() => undefined);
    this.#since = this.clock.monotonic();
  }
}

/** `skips` says which files the editor itself has open; `tell` hears of files that cannot be read. */
export async function loadFolder(
  project: Project,
  skips: (path: string) => boolean,
  tell: (path: string, problem: string) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<LoadReport> {
  let files = 0;
  const slices = new Slices(clock, signal);
  if (project.root === undefined) return { files, left: false };
  for await (const path of filesIn(project.root, signal)) {
    if (files >= mostFiles) return { files, left: true };
    files += 1;
    if (skips(path)) continue;
    const { text, problem } = await readManifest(path);
    if (signal.aborted) break;
    if (problem !== undefined) tell(path, problem);
    if (text === undefined || skips(path)) continue;
    project.setFile(path, text);
    for (const piece of project.pieces(path)) project.facts(piece);
    await slices.pause();
  }
  // Only now is it known which kinds and which customizations there are.
  for (const step of project.workspace.pending()) {
    if (signal.aborted) break;
    await slices.pause();
    void step;
  }
  return { files, left: false };
}

/** Reads the manifests of a folder bit by bit, so that whoever types meanwhile is answered. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { sleep } from '../shared/clock.ts';
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

/** Undefined for what is no text of ours: too large, binary, gone, forbidden. */
export async function readManifest(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > largestFile) return undefined;
    const text = await readFile(path, 'utf8');
    if (text.includes('\0')) return undefined;
    return basename(path).endsWith('.json') && !text.includes('"apiVersion"') ? undefined : text;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

export interface LoadReport {
  readonly files: number;
  readonly left: boolean;
}

/** `skips` says which files the editor itself has open. */
export async function loadFolder(
  project: Project,
  skips: (path: string) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<LoadReport> {
  let files = 0;
  let since = clock.monotonic();
  if (project.root === undefined) return { files, left: false };
  for await (const path of filesIn(project.root, signal)) {
    if (files >= mostFiles) return { files, left: true };
    files += 1;
    if (skips(path)) continue;
    const text = await readManifest(path);
    if (signal.aborted) break;
    if (text === undefined || skips(path)) continue;
    project.setFile(path, text);
    for (const piece of project.pieces(path)) project.facts(piece);
    if (clock.monotonic() - since < sliceLength) continue;
    // A timer lets messages in; a resolved promise would not.
    await sleep(clock, 1, signal).catch(() => undefined);
    since = clock.monotonic();
  }
  return { files, left: false };
}

/** The files that the words of a command line mean: programs, manifests, folders of manifests, globs. */
import { readdir, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../shared/error-code.ts';
import { usageError } from './command.ts';
import { expandGlob, isGlob } from './glob.ts';
import { Ignores } from './gitignore.ts';

export interface SourceFile {
  /** As the user would type it; `-` is the standard input. */
  readonly path: string;
  readonly form: 'program' | 'manifests';
  /** Whether the user named the very file: then it has to hold manifests. */
  readonly named: boolean;
}

const program = /\.[cm]?tsx?$/;
const manifest = /\.(?:ya?ml|json)$/i;
/** Folders of other people's files. */
const foreign: ReadonlySet<string> = new Set(['node_modules', '.git']);

async function inFolder(folder: string, outer?: Ignores): Promise<readonly SourceFile[]> {
  const ignores = outer ?? (await Ignores.of(folder));
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: SourceFile[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Links to folders are not followed: they may lead round in a circle.
    if (foreign.has(entry.name) || ignores.leavesOut(entry.name, entry.isDirectory())) continue;
    if (entry.isDirectory()) found.push(...(await inFolder(path, await ignores.inside(entry.name))));
    else if ((entry.isFile() || entry.isSymbolicLink()) && manifest.test(entry.name))
      found.push({ path, form: 'manifests', named: false });
  }
  return found;
}

async function existing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function ofPath(path: string, named: boolean): Promise<readonly SourceFile[] | undefined> {
  const found = await existing(path);
  if (!found) return undefined;
  if (found.isDirectory()) return inFolder(path);
  if (!named && !program.test(path) && !manifest.test(path)) return [];
  return [{ path, form: program.test(path) ? 'program' : 'manifests', named }];
}

/**
 * Files in the order of the words, those of folders and globs by name, each once.
 *
 * @throws Exit with code 2 for a word that leads nowhere
 */
export async function sourceFiles(words: readonly string[]): Promise<readonly SourceFile[]> {
  const files = new Map<string, SourceFile>();
  for (const word of words) {
    for (const file of await ofWord(word)) if (!files.has(file.path)) files.set(file.path, file);
  }
  return [...files.values()];
}

async function ofWord(word: string): Promise<readonly SourceFile[]> {
  if (word === '-') return [{ path: '-', form: 'manifests', named: true }];
  const found = await ofPath(word, true);
  if (found) return found;
  if (!isGlob(word)) throw usageError(`${word}: no such file or folder`);
  const matches = await expandGlob(word);
  const inside = await Promise.all(matches.map((match) => ofPath(match, false)));
  const files = inside.flatMap((list) => list ?? []);
  if (files.length === 0) throw usageError(`${word}: no program, YAML or JSON file matches`);
  return files;
}

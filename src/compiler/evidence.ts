/**
 * What a run of a program depended on, so that a later run can tell whether it would come to the same result: the bytes of
 * its sources, of the configuration that esbuild reads above them, and of what it read through helpers, and that nothing
 * stands where imports would have been looked for first. A program that looked at anything else (see purity.ts) or that
 * imports packages or modules of Node leaves no evidence, and so is run each time.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { hasCode } from '../shared/error-code.ts';
import type { Evidence } from './compile-result.ts';

export type { Evidence } from './compile-result.ts';

/** What esbuild said of one bundle. */
export interface BundleRecord {
  readonly entry: string;
  readonly metafile: Metafile;
  /** What esbuild was given as the content of files, by absolute path. */
  readonly contents: ReadonlyMap<string, string>;
  readonly working: string;
  /** The builders, the one import from outside that is part of the version. */
  readonly builders: string;
  /** When bundling began, in milliseconds since 1970. */
  readonly started: number;
}

const mostFiles = 400;
const mostBytes = 16 * 1024 * 1024;
/** Changes within this time before the start may be too fresh for the file system's clock to tell. */
const doubt = 100;

const extensions: readonly string[] = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json', '.css'];
const configurations: readonly string[] = ['tsconfig.json', 'jsconfig.json', 'package.json'];

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('base64url');
}

/** Every path that an import of `path` may mean, whichever esbuild prefers. */
function meanings(path: string): readonly string[] {
  const stem = path.replace(/\.[cm]?jsx?$/, '');
  return [
    path,
    `${path}/package.json`,
    ...[path, stem, `${path}/index`].flatMap((base) => extensions.map((end) => base + end)),
  ];
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function foldersAbove(files: Iterable<string>): readonly string[] {
  const folders = new Set<string>();
  for (const file of files)
    for (let folder = dirname(file); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  return [...folders];
}

/** The digest of a file, or of a folder's names; undefined when there is neither, or it cannot be read. */
function digestAt(path: string): string | undefined {
  try {
    return digest(readFileSync(path));
  } catch (error) {
    if (hasCode(error, 'EISDIR')) return digest(namesIn(path));
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

function namesIn(folder: string): string {
  const entries = readdirSync(folder, { withFileTypes: true });
  return JSON.stringify(entries.map((entry) => [entry.name, entry.isDirectory()]).sort());
}

/** Gathers evidence; once something cannot be vouched for, there is none. */
class Gatherer {
  readonly #present = new Map<string, string>();
  readonly #absent = new Set<string>();
  #sound = true;
  #bytes = 0;

  constructor(readonly started: number) {}

  get evidence(): Evidence | undefined {
    if (!this.#sound || this.#present.size > mostFiles || this.#bytes > mostBytes) return undefined;
    return { present: Object.fromEntries(this.#present), absent: [...this.#absent] };
  }

  refuse(): void {
    this.#sound = false;
  }

  /** A file whose content is known to be the one that was used. */
  known(path: string, content: string): void {
    this.#bytes += content.length;
    this.#present.set(path, digest(content));
  }

  absent(path: string): void {
    this.#absent.add(path);
  }

  /** A file or folder that was read some time since the start: it must not have changed since before. */
  read(path: string): string | undefined {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found || found.ctimeMs > this.started - doubt || this.#bytes + found.size > mostBytes) {
      this.refuse();
      return undefined;
    }
    if (found.isDirectory()) {
      this.#present.set(path, digest(namesIn(path)));
      return undefined;
    }
    const content = readFileSync(path, 'utf8');
    this.known(path, content);
    return content;
  }

  /** tsconfig.json and package.json change how sources are read; those that build on others are not followed. */
  configuration(folder: string): void {
    for (const name of configurations) {
      const path = join(folder, name);
      if (!isThere(path)) this.absent(path);
      else if (/"(?:extends|paths|baseUrl|imports)"/.test(this.read(path) ?? '')) this.refuse();
    }
  }
}

function imports(gather: Gatherer, record: BundleRecord): void {
  const { metafile, working, builders } = record;
  for (const [input, { imports: made }] of Object.entries(metafile.inputs)) {
    const importer = resolve(working, input);
    for (const { path, external, original, kind } of made) {
      if (external === true) {
        if (path !== builders || kind !== 'import-statement') gather.refuse();
        continue;
      }
      const wanted =
        original === undefined || !/^\.?\.?\//.test(original) ? undefined : resolve(dirname(importer), original);
      const found = resolve(working, path);
      // A link, a package or a path of tsconfig.json: found in ways that are not retraced here.
      if (wanted === undefined || !meanings(wanted).includes(found)) return gather.refuse();
      for (const meaning of meanings(wanted)) if (meaning !== found && !isThere(meaning)) gather.absent(meaning);
    }
  }
}

/** Undefined where the sources are not all there is, or where they cannot be read any more. */
export function evidenceOf(record: BundleRecord, code: string, reads: readonly string[]): Evidence | undefined {
  try {
    return gathered(record, code, reads);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function gathered(record: BundleRecord, code: string, reads: readonly string[]): Evidence | undefined {
  const gather = new Gatherer(record.started);
  const { contents, metafile, working } = record;
  // What is left of these after bundling asks the machine, or looks at how it was called.
  if (/\bimport\s*(?:\.|\()|prepareStackTrace|captureStackTrace|kubewright\.source/.test(code)) return undefined;
  const inputs = Object.keys(metafile.inputs).map((input) => resolve(working, input));
  // A link to the program is another path than the one that esbuild has read.
  if (!inputs.includes(record.entry)) return undefined;
  for (const input of inputs) {
    const content = contents.get(input);
    if (content === undefined || input.includes('/node_modules/')) return undefined;
    gather.known(input, content);
  }
  imports(gather, record);
  for (const folder of foldersAbove(inputs)) gather.configuration(folder);
  for (const path of reads) gather.read(path);
  return gather.evidence;
}

/** Whether everything is as it was. */
export function stillHolds({ present, absent }: Evidence): boolean {
  return (
    absent.every((path) => !isThere(path)) &&
    Object.entries(present).every(([path, expected]) => digestAt(path) === expected)
  );
}

/** The files that an image is built from, and their digest: the same on every machine that has the same files. */
import { closeSync, existsSync, lstatSync, openSync, readFileSync, readSync, readdirSync, readlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { ImageBuild } from '../shared/image-build.ts';
import { DockerIgnore } from './dockerignore.ts';

export interface ContextEntry {
  /** In the context, with slashes. */
  readonly path: string;
  /** Absolute. */
  readonly source: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Of all permissions only this one counts, as in git: the rest differs from machine to machine. */
  readonly executable: boolean;
  /** Of a file, in bytes. */
  readonly size: number;
  /** Of a link. */
  readonly target: string;
}

export interface BuildContext {
  /** In the order of their paths. */
  readonly entries: readonly ContextEntry[];
  readonly ignoreFile: string | undefined;
  /** Of the Dockerfile in the context; undefined where it is not among the entries. */
  readonly dockerfilePath: string | undefined;
}

type Source = Pick<ImageBuild, 'context' | 'dockerfile'>;

/** A Dockerfile may bring its own (BuildKit). */
function ignoreFileOf({ context, dockerfile }: Source): string | undefined {
  return [`${dockerfile}.dockerignore`, join(context, '.dockerignore')].find((file) => existsSync(file));
}

function entryOf(path: string, source: string, stats: Stats): ContextEntry {
  const executable = (stats.mode & 0o100) !== 0;
  const entry = { path, source, executable: false, size: 0, target: '' };
  if (stats.isSymbolicLink()) return { ...entry, kind: 'link', target: readlinkSync(source) };
  if (stats.isDirectory()) return { ...entry, kind: 'folder' };
  if (stats.isFile()) return { ...entry, kind: 'file', executable, size: stats.size };
  throw new Error(`${source} is neither file, folder nor link: leave it out by a .dockerignore`);
}

function walk(folder: string, below: string, ignore: DockerIgnore | undefined, found: ContextEntry[]): void {
  for (const name of readdirSync(folder).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    const source = join(folder, name);
    const stats = lstatSync(source);
    const out = ignore?.leavesOut(path) ?? false;
    // Docker leaves out sockets too.
    if (stats.isSocket() || (out && (!stats.isDirectory() || ignore?.hasExceptions !== true))) continue;
    const before = found.length;
    if (stats.isDirectory()) walk(source, path, ignore, found);
    // A folder that is left out is there again with what is taken back in.
    if (!out || found.length > before) found.push(entryOf(path, source, stats));
  }
}

/** @throws Error for a folder or a Dockerfile that is not there */
export function readBuildContext({ context, dockerfile }: Source): BuildContext {
  if (!existsSync(context) || !lstatSync(join(context, '.')).isDirectory())
    throw new Error(`there is no folder ${context} to build an image from`);
  if (!existsSync(dockerfile))
    throw new Error(`there is no file ${dockerfile}; name another one by { dockerfile: 'path in the folder' }`);
  const ignoreFile = ignoreFileOf({ context, dockerfile });
  const ignore = ignoreFile === undefined ? undefined : new DockerIgnore(readFileSync(ignoreFile, 'utf8'), ignoreFile);
  const found: ContextEntry[] = [];
  walk(context, '', ignore, found);
  const entries = found.sort((a, b) => (a.path < b.path ? -1 : 1));
  const own = relative(context, dockerfile).replaceAll('\\', '/');
  const inside = !isAbsolute(own) && entries.some(({ path, kind }) => path === own && kind === 'file');
  return { entries, ignoreFile, dockerfilePath: inside ? own : undefined };
}

const chunkSize = 1 << 20;

/** The digest of what an image is made of, as 16 hexadecimal digits. */
export function contextDigest(
  build: Pick<ImageBuild, 'dockerfile' | 'args' | 'target' | 'platform'>,
  { entries }: BuildContext,
): string {
  // Loaded here: programs without images start some milliseconds earlier.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256');
  const args = Object.entries(build.args).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(`${JSON.stringify(['image', args, build.target ?? null, build.platform ?? null])}\n`);
  hash.update(createHash('sha256').update(readFileSync(build.dockerfile)).digest('hex'));
  const buffer = Buffer.alloc(chunkSize);
  for (const { path, source, kind, executable, target } of entries) {
    hash.update(`\n${JSON.stringify([path, kind, executable, target])}`);
    if (kind !== 'file') continue;
    const content = createHash('sha256');
    const file = openSync(source, 'r');
    try {
      for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer))
        content.update(buffer.subarray(0, read));
    } finally {
      closeSync(file);
    }
    hash.update(content.digest('hex'));
  }
  return hash.digest('hex').slice(0, 16);
}

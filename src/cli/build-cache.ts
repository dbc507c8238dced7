/**
 * Results of earlier builds, so that building unchanged programs again neither bundles nor runs them. Only programs that
 * leave evidence of all that they depend on (compiler/evidence.ts) are kept, only when they had no findings, and each
 * time the evidence is compared before the result is used. Files are private, written whole or not at all, and one that
 * is damaged is as good as none. Whatever goes wrong here costs time, never a build.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stillHolds } from '../compiler/evidence.ts';
import type { Evidence } from '../compiler/evidence.ts';
import { builtFile } from '../compiler/package-folder.ts';
import { isRecord } from '../shared/deep.ts';
import { homeFolder } from './home.ts';
import type { RenderedFile } from './manifest-files.ts';
import { version } from './version.ts';

const largestResult = 16 * 1024 * 1024;
const largestCache = 64 * 1024 * 1024;
const mostResults = 200;

/** Variables of the environment that change how programs run without their looking. */
const telling = /^(?:LANG|LANGUAGE|LC_.*|TZ|NODE_.*)$/;

export interface BuildRequest {
  readonly entries: readonly string[];
  readonly env: string | undefined;
  readonly set: Readonly<Record<string, string>>;
  /** How the result is written: the same objects in another form are another result. */
  readonly form: string;
}

/** Which build of this package runs: its version, and when and where its files came to lie. */
function buildIdentity(): readonly unknown[] {
  const files = ['cli.js', 'command.cjs', 'index.js', 'evaluator-worker.js'].map((name) => statSync(builtFile(name)));
  return [version, ...files.map(({ ino, size, ctimeMs }) => [ino, size, ctimeMs])];
}

function digest(...contents: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('hex');
}

function keyOf({ entries, env, set, form }: BuildRequest): string {
  const paths = entries.map((entry) => resolve(entry));
  const variables = Object.entries(process.env).filter(([name]) => telling.test(name));
  const { versions, execArgv, platform, arch } = process;
  return digest(
    JSON.stringify([buildIdentity(), versions, execArgv, platform, arch, variables.sort(), paths, env, set, form]),
  );
}

interface Header {
  readonly evidence: readonly Evidence[];
  /** Names and lengths in bytes of what follows. */
  readonly files: readonly (readonly [string, number])[];
  readonly digest: string;
}

function isEvidence(value: unknown): value is Evidence {
  return (
    isRecord(value) &&
    isRecord(value['present']) &&
    Object.values(value['present']).every((text) => typeof text === 'string') &&
    Array.isArray(value['absent']) &&
    value['absent'].every((path) => typeof path === 'string')
  );
}

function isHeader(value: unknown): value is Header {
  if (!isRecord(value) || typeof value['digest'] !== 'string') return false;
  const { evidence, files } = value;
  if (!Array.isArray(evidence) || evidence.length === 0 || !evidence.every(isEvidence) || !Array.isArray(files))
    return false;
  return files.every(
    (file: unknown) => Array.isArray(file) && typeof file[0] === 'string' && Number.isInteger(file[1]) && file[1] >= 0,
  );
}

/** A result and its header; undefined for what is damaged. */
function decode(bytes: Buffer): { readonly header: Header; readonly body: Buffer } | undefined {
  const end = bytes.indexOf(10);
  if (end < 0) return undefined;
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString('utf8', 0, end));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const body = bytes.subarray(end + 1);
  if (!isHeader(header) || digest(JSON.stringify(header.files), body) !== header.digest) return undefined;
  return { header, body };
}

function encode(evidence: readonly Evidence[], rendered: readonly RenderedFile[]): Buffer {
  const contents = rendered.map(({ content }) => Buffer.from(content));
  const files = rendered.map(({ name }, index) => [name, contents[index]?.length ?? 0] as const);
  const header: Header = { evidence, files, digest: digest(JSON.stringify(files), ...contents) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...contents]);
}

function isFileProblem(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

export class BuildCache {
  readonly #folder = join(homeFolder(), '.cache', 'builds');
  readonly #file: string;

  constructor(request: BuildRequest) {
    this.#file = join(this.#folder, keyOf(request));
  }

  /** The result of an earlier build, if everything that it depended on is as it was. */
  get(): readonly RenderedFile[] | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#file);
    } catch (error) {
      if (isFileProblem(error)) return undefined;
      throw error;
    }
    const found = decode(bytes);
    if (!found?.header.evidence.every(stillHolds)) return undefined;
    let at = 0;
    return found.header.files.map(([name, length]) => ({ name, content: found.body.subarray(at, (at += length)) }));
  }

  /** Keeps a result; the oldest make room for it. */
  put(evidence: readonly Evidence[], rendered: readonly RenderedFile[]): void {
    const bytes = encode(evidence, rendered);
    if (bytes.length > largestResult) return;
    const draft = `${this.#file}.${process.pid}.part`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#makeRoom(bytes.length);
      writeFileSync(draft, bytes, { mode: 0o600 });
      renameSync(draft, this.#file);
    } catch (error) {
      // A full disk or a home that cannot be written: the next build runs the program again.
      if (!isFileProblem(error)) throw error;
      if (existsSync(draft)) rmSync(draft, { force: true });
    }
  }

  #makeRoom(size: number): void {
    const kept = readdirSync(this.#folder)
      .map((name) => ({
        path: join(this.#folder, name),
        stats: statSync(join(this.#folder, name), { throwIfNoEntry: false }),
      }))
      .flatMap(({ path, stats }) => (stats ? [{ path, size: stats.size, time: stats.mtimeMs }] : []))
      .sort((a, b) => b.time - a.time);
    let total = size;
    kept.forEach(({ path, size: own }, index) => {
      total += own;
      if (total > largestCache || index >= mostResults - 1) rmSync(path, { force: true });
    });
  }
}

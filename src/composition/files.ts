/** Data of ConfigMaps and Secrets from files, and pods that roll when it changes. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isRecord } from '../shared/deep.ts';
import type * as core_v1 from '../types/kinds/generated/core-v1.gen.ts';
import { noteRead, programPath } from './program-folder.ts';
import { rebuilt, recordAt, titleOf } from './rebuilt.ts';
import type { Fields } from './rebuilt.ts';
import type { Workload } from './workload.ts';
import type * as batch_v1 from '../types/kinds/generated/batch-v1.gen.ts';

/** The last part of a path, as a type: so that `key('nginx.conf')` of what is made of it is checked. */
export type BaseName<Path extends string> = Path extends `${string}/${infer Rest}` ? BaseName<Rest> : Path;

/** API servers refuse objects that are larger than this (etcd's limit, which ConfigMaps and Secrets share). */
const largest = 1_048_576;

export interface FileOptions<Key extends string = string> {
  /** Without it, the name of the file. */
  readonly key?: Key;
  /** `base64` for `binaryData` of a ConfigMap and `data` of a Secret; text without it. */
  readonly encoding?: 'text' | 'base64';
}

function contentOf(path: string, encoding: 'text' | 'base64'): string {
  noteRead(path);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Error(`the file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (bytes.length > largest)
    throw new Error(`the file ${path} has ${bytes.length} bytes; ConfigMaps and Secrets hold at most ${largest}`);
  if (encoding === 'base64') return bytes.toString('base64');
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes))
    throw new Error(
      `the file ${path} is no text; read it with { encoding: 'base64' } into binaryData, or data of a Secret`,
    );
  return text;
}

/** `{ [name of the file]: content }`. Relative paths start in the program's folder. */
export function fromFile<const Path extends string, const Key extends string = BaseName<Path>>(
  path: Path,
  options?: FileOptions<Key>,
): { readonly [K in Key]: string };
export function fromFile<const Key extends string = string>(
  path: URL,
  options?: FileOptions<Key>,
): { readonly [K in Key]: string };
export function fromFile(path: string | URL, options: FileOptions = {}): Readonly<Record<string, string>> {
  const file = programPath(path);
  return { [options.key ?? basename(file)]: contentOf(file, options.encoding ?? 'text') };
}

export interface DirectoryOptions {
  /** Which files, by name; without it all whose names do not begin with a dot. */
  readonly include?: RegExp;
  readonly encoding?: 'text' | 'base64';
}

/** `{ [name]: content }` of the files of a folder, in the order of their names. Folders in it are not entered. */
export function fromDirectory(path: string | URL, options: DirectoryOptions = {}): Readonly<Record<string, string>> {
  const folder = programPath(path);
  noteRead(folder);
  const { include = /^[^.]/, encoding = 'text' } = options;
  let names: readonly string[];
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    names = entries.filter((entry) => !entry.isDirectory() && include.test(entry.name)).map(({ name }) => name);
  } catch (error) {
    throw new Error(`the folder ${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (names.length === 0) throw new Error(`the folder ${folder} has no file to read`);
  const paths = [...names].sort().map((name) => join(folder, name));
  const size = paths.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  if (paths.length > 1 && size > largest)
    throw new Error(
      `the files of ${folder} have ${size} bytes in all; a ConfigMap or Secret holds at most ${largest}: choose some by { include }`,
    );
  return Object.fromEntries(paths.map((file) => [basename(file), contentOf(file, encoding)]));
}

export interface ConfigData {
  readonly data?: Readonly<Record<string, string>>;
  /** In base64. */
  readonly binaryData?: Readonly<Record<string, string>>;
}

/**
 * What a ConfigMap says of a file, or of the files of a folder, whatever they hold: text in `data`, the rest in `binaryData`.
 *
 * ```ts
 * const site = configMap({ metadata: { name: 'site' }, ...configDataFrom('./html') });
 * ```
 */
export function configDataFrom(path: string | URL, options: Pick<DirectoryOptions, 'include'> = {}): ConfigData {
  const place = programPath(path);
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  const encoded = isFolder
    ? fromDirectory(place, { ...options, encoding: 'base64' })
    : fromFile(place, { encoding: 'base64' });
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const [name, base64] of Object.entries(encoded)) {
    const bytes = Buffer.from(base64, 'base64');
    const text = bytes.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(bytes)) data[name] = text;
    else binaryData[name] = base64;
  }
  return {
    ...(Object.keys(data).length === 0 ? {} : { data }),
    ...(Object.keys(binaryData).length === 0 ? {} : { binaryData }),
  };
}

/** The annotation that Helm charts use for the same purpose. */
const hashAnnotation = 'checksum/config';

function hashOf(configs: readonly (core_v1.ConfigMap | core_v1.Secret)[]): string {
  const parts = configs.map((config) => [
    config.kind,
    config.metadata.name,
    ...['data', 'binaryData', 'stringData'].map((part) => sorted(recordAt(config, part))),
  ]);
  // Loaded here: programs without it start some milliseconds earlier.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function sorted(data: Fields | undefined): unknown {
  return data && Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * The same workload with the hash of its configuration on its pods, so that they are replaced when the configuration changes.
 *
 * @throws Error for what has no pod template
 */
export function withConfigHash<W extends Exclude<Workload, core_v1.Pod> | batch_v1.CronJob>(
  workload: W,
  ...configs: readonly (core_v1.ConfigMap | core_v1.Secret)[]
): W {
  const hash = hashOf(configs);
  const path = workload.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template'] : ['spec', 'template'];
  if (!recordAt(workload, ...path)) throw new Error(`${titleOf(workload)} has no pod template to put a hash on`);
  const annotated = withAnnotation(recordAt(workload, ...path) ?? {}, hash);
  return rebuilt(workload, replacedAt({ ...workload }, path, annotated));
}

/** Metadata comes first where there was none. */
function withAnnotation(template: Fields, hash: string): Fields {
  const metadata = isRecord(template['metadata']) ? template['metadata'] : {};
  const annotations = { ...recordAt(metadata, 'annotations'), [hashAnnotation]: hash };
  const annotated = { ...metadata, annotations };
  return 'metadata' in template ? { ...template, metadata: annotated } : { metadata: annotated, ...template };
}

function replacedAt(fields: Fields, [step, ...rest]: readonly string[], value: Fields): Fields {
  if (step === undefined) return value;
  return { ...fields, [step]: replacedAt(recordAt(fields, step) ?? {}, rest, value) };
}

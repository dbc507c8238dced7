/** Writes manifests: one stream, one file, or a folder with one numbered file per object. */
import { mkdir, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Exit } from './command.ts';
import { hasCode } from '../shared/error-code.ts';
import { isRecord } from '../shared/deep.ts';
import type { KubeObject } from '../types/meta.ts';
import { writeYaml } from '../types/yaml/write.ts';

export type Format = 'yaml' | 'json';
/** One stream, for the standard output or a file, or a folder of files. */
export type Form = 'stream' | 'folder';

export interface RenderedFile {
  /** In the folder; empty for a stream. */
  readonly name: string;
  readonly content: string | Buffer;
}

/** Lists the files that an earlier run wrote, so that only those are ever removed. */
const indexName = '.kubewright-files.json';

function streamText(objects: readonly KubeObject[], format: Format): string {
  if (format === 'yaml') return objects.map((object) => writeYaml(object)).join('---\n');
  const [only] = objects;
  if (objects.length === 1 && only) return `${JSON.stringify(only, undefined, 2)}\n`;
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, undefined, 2)}\n`;
}

function fileNames(objects: readonly KubeObject[], format: Format): readonly string[] {
  const width = Math.max(2, String(objects.length).length);
  return objects.map((object, index) => {
    const { name, generateName, namespace } = object.metadata;
    const words = [object.kind.toLowerCase(), namespace, name ?? generateName ?? 'unnamed'];
    // Names of roles may hold colons and other signs that not every file system takes.
    const stem = words
      .filter((word) => word !== undefined)
      .join('-')
      .replace(/[^A-Za-z0-9._-]/g, '_')
      .slice(0, 200);
    return `${String(index + 1).padStart(width, '0')}-${stem}.${format}`;
  });
}

export function render(objects: readonly KubeObject[], form: Form, format: Format): readonly RenderedFile[] {
  if (form === 'stream') return [{ name: '', content: streamText(objects, format) }];
  const names = fileNames(objects, format);
  return objects.map((object, index) => ({ name: names[index] ?? '', content: streamText([object], format) }));
}

async function writeFolder(files: readonly RenderedFile[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = files.map(({ name }) => name);
  const earlier = await filesOfEarlierRun(folder);
  // What this run may leave behind is listed before it is written, so that a run that is broken off is cleared up after.
  await writeIndex(folder, [...new Set([...earlier, ...names])]);
  for (const { name, content } of files) await replaceFile(join(folder, name), content);
  const present = new Set(await readdir(folder));
  await Promise.all(
    earlier.filter((name) => !names.includes(name) && present.has(name)).map((name) => rm(join(folder, name))),
  );
  await writeIndex(folder, names);
}

function writeIndex(folder: string, names: readonly string[]): Promise<void> {
  return replaceFile(join(folder, indexName), `${JSON.stringify({ files: names })}\n`);
}

/** All of it or nothing: a full disk leaves what was there. A link stays one, and a device or a pipe is written to. */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const file = await realpath(path).catch(() => path);
  const existing = await stat(file).catch(() => undefined);
  if (existing && !existing.isFile()) {
    await writeFile(file, content);
    return;
  }
  const draft = `${file}.${process.pid}.part`;
  try {
    await writeFile(draft, content);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function readIndex(file: string): Promise<unknown> {
  try {
    const index: unknown = JSON.parse(await readFile(file, 'utf8'));
    return index;
  } catch (error) {
    // Without a list, or with a broken one, nothing is known to be ours.
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function filesOfEarlierRun(folder: string): Promise<readonly string[]> {
  const index = await readIndex(join(folder, indexName));
  const files = isRecord(index) ? index['files'] : undefined;
  // A name that leads out of the folder was not written by us.
  return Array.isArray(files)
    ? files.filter((name) => typeof name === 'string' && /^\d+-[A-Za-z0-9._-]+$/.test(name))
    : [];
}

/** `output` is `-`, a folder (existing, or without a file's extension), or a file. */
export async function formOf(output: string): Promise<Form> {
  if (output === '-') return 'stream';
  const existing = await stat(output).catch(() => undefined);
  return (existing?.isDirectory() ?? !/\.(ya?ml|json)$/.test(output)) ? 'folder' : 'stream';
}

/** @throws Exit when the output cannot be written; a file is then as it was */
export async function writeRendered(files: readonly RenderedFile[], output: string, form: Form): Promise<void> {
  if (output === '-') {
    for (const { content } of files) process.stdout.write(content);
    return;
  }
  try {
    if (form === 'folder') await writeFolder(files, output);
    else for (const { content } of files) await replaceFile(output, content);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Exit(1, `${output} cannot be written: ${error.message}`);
  }
}

/** Writes manifests: one stream, one file, or a folder with one numbered file per object. */
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../shared/error-code.ts';
import { isRecord } from '../shared/deep.ts';
import type { KubeObject } from '../types/meta.ts';
import { writeYaml } from '../types/yaml/write.ts';

type Format = 'yaml' | 'json';

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

async function writeFolder(objects: readonly KubeObject[], folder: string, format: Format): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = fileNames(objects, format);
  const earlier = await filesOfEarlierRun(folder);
  await Promise.all(
    objects.map((object, index) => writeFile(join(folder, names[index] ?? ''), streamText([object], format))),
  );
  await writeFile(join(folder, indexName), `${JSON.stringify({ files: names })}\n`);
  const present = new Set(await readdir(folder));
  await Promise.all(
    earlier.filter((name) => !names.includes(name) && present.has(name)).map((name) => rm(join(folder, name))),
  );
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

/** `output` is `-`, a folder (existing, or without a file's extension), or a file, which is replaced at once or not at all. */
export async function writeManifests(
  manifests: readonly { readonly object: KubeObject }[],
  output: string,
  format: Format,
): Promise<void> {
  const objects = manifests.map(({ object }) => object);
  if (output === '-') {
    process.stdout.write(streamText(objects, format));
    return;
  }
  const existing = await stat(output).catch(() => undefined);
  if (existing?.isDirectory() ?? !/\.(ya?ml|json)$/.test(output)) return writeFolder(objects, output, format);
  const draft = `${output}.${process.pid}.part`;
  await writeFile(draft, streamText(objects, format));
  await rename(draft, output);
}

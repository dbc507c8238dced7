/** Existing material: YAML and JSON, kustomizations, Helm charts. The latter two through the user's own programs. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { raw } from '../types/builder.ts';
import { captureFrames } from '../types/builder/call-frames.ts';
import type { CallFrame } from '../types/builder/call-frames.ts';
import { itemsOfList } from '../types/list-items.ts';
import type { KubeObject } from '../types/meta.ts';
import { isRecord } from '../shared/deep.ts';
import { CallPlace } from './call-place.ts';
import { rebuilt } from './rebuilt.ts';
import type { ReadFrom } from './rebuilt.ts';
import { noteOutside, noteRead, programPath } from './program-folder.ts';

function hasMetadata(
  value: Readonly<Record<string, unknown>>,
): value is Readonly<Record<string, unknown>> & KubeObject {
  return typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string' && isRecord(value['metadata']);
}

/** Settings of kustomize stand in the folders of what they are about. */
function isForKustomize(value: unknown): boolean {
  return isRecord(value) && String(value['apiVersion']).startsWith('kustomize.config.k8s.io/');
}

type Items = (value: unknown) => readonly unknown[] | undefined;

/** A list stands for its items. */
function collect(value: unknown, where: string, items: Items, from: ReadFrom | undefined): readonly KubeObject[] {
  if (value === null || value === undefined) return [];
  const listed = items(value);
  if (listed)
    return listed.flatMap((item, index) =>
      collect(item, where, items, from && { ...from, path: [...from.path, 'items', index] }),
    );
  if (isForKustomize(value))
    throw new Error(
      `${where}: this is for kustomize, no object of the API: read its folder by fromKustomize, or name its other files one by one`,
    );
  if (!isRecord(value) || !hasMetadata(value))
    throw new Error(`${where}: a document is no object of the API: it needs apiVersion, kind and metadata`);
  const object = raw(value);
  return [from ? rebuilt(object, value, undefined, from) : object];
}

/** @throws Error with file and line for YAML that cannot be read, and for documents that are no objects of the API */
async function objectsIn(
  text: string,
  where: string,
  source?: Pick<ReadFrom, 'file' | 'frames'>,
): Promise<readonly KubeObject[]> {
  const { readManifests } = await import('../types/yaml/manifests.ts');
  return readManifests(text).flatMap((document, index) => {
    const [problem] = document.problems;
    if (problem) throw new Error(`${where}:${problem.line}:${problem.column}: ${problem.message}`);
    const from = source && { ...source, document: index, path: [] };
    return collect(document.value, `${where}:${document.start.line}`, itemsOfList, from);
  });
}

function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}

async function filesOf(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  });
  noteRead(path);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.(?:ya?ml|json)$/i.test(name)).sort();
  if (names.length === 0) throw new Error(`the folder ${path} has no YAML or JSON file`);
  return names.map((name) => join(path, name));
}

/** The objects of a YAML or JSON file, or of the files of a folder in the order of their names; lists stand for their items. */
export function fromYaml(path: string | URL): Promise<readonly KubeObject[]> {
  return new CallPlace(fromYaml).of(objectsOfFiles(path, captureFrames(fromYaml)));
}

async function objectsOfFiles(from: string | URL, frames: readonly CallFrame[]): Promise<readonly KubeObject[]> {
  if (typeof from === 'string' && isAddress(from))
    throw new Error(`fromYaml reads files, and ${from} is an address: keep a copy beside the program`);
  const path = programPath(from);
  const found: KubeObject[] = [];
  for (const file of await filesOf(path)) {
    noteRead(file);
    found.push(...(await objectsIn(await readFile(file, 'utf8'), file, { file, frames })));
  }
  return found;
}

interface Run {
  readonly program: string;
  readonly words: readonly string[];
  readonly input?: string;
  /** What to do when the program is not there. */
  readonly remedy: string;
}

async function output({ program, words, input = '', remedy }: Run): Promise<string> {
  noteOutside(program);
  const { spawn } = await import('node:child_process');
  return new Promise((done, reject) => {
    const child = spawn(program, words, { cwd: programPath('.'), stdio: ['pipe', 'pipe', 'pipe'], env: process.env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(`there is no program ${program} here: ${remedy}`) : error),
    );
    child.once('close', (code) => {
      if (code === 0) done(stdout);
      else
        reject(
          new Error(`${[program, ...words].join(' ')} failed (${code ?? 'killed'}): ${stderr.trim() || stdout.trim()}`),
        );
    });
    // A program that ends without reading its input has said why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

export interface KustomizeOptions {
  /** `kubectl` without it. */
  readonly kubectl?: string;
  /** More of the command line, such as `['--enable-helm']`; paths in it start in the program's folder. */
  readonly args?: readonly string[];
}

/** What `kubectl kustomize` makes of a folder, or of an address that it knows how to fetch. */
export function fromKustomize(folder: string | URL, options: KustomizeOptions = {}): Promise<readonly KubeObject[]> {
  return new CallPlace(fromKustomize).of(kustomized(folder, options));
}

async function kustomized(folder: string | URL, options: KustomizeOptions): Promise<readonly KubeObject[]> {
  const isRemote = typeof folder === 'string' && isAddress(folder);
  const path = isRemote ? folder : programPath(folder);
  const { kustomizationInputs } = await import('./kustomization-inputs.ts');
  for (const input of isRemote ? [] : kustomizationInputs(path)) noteRead(input);
  const { kubectl = 'kubectl', args = [] } = options;
  const remedy = 'install kubectl (https://kubernetes.io/docs/tasks/tools/), or name yours as { kubectl }';
  const text = await output({ program: kubectl, words: ['kustomize', path, ...args], remedy });
  return objectsIn(text, `kustomization ${path}`);
}

export interface HelmOptions {
  readonly values?: Readonly<Record<string, unknown>>;
  /** Of the release; without it, the last part of the chart's name. */
  readonly name?: string;
  readonly namespace?: string;
  readonly repo?: string;
  readonly version?: string;
  /** `helm` without it. */
  readonly helm?: string;
  /** More of the command line, such as `['--skip-tests']`; paths in it start in the program's folder. */
  readonly args?: readonly string[];
}

/** What `helm template` makes of a chart: a folder, an archive, `repository/chart` or an OCI address. Definitions are included. */
export function fromHelm(chart: string, options: HelmOptions = {}): Promise<readonly KubeObject[]> {
  return new CallPlace(fromHelm).of(templated(chart, options));
}

async function templated(chart: string, options: HelmOptions): Promise<readonly KubeObject[]> {
  const { values = {}, namespace, repo, version, helm = 'helm', args = [] } = options;
  const local = programPath(chart);
  const isLocal = repo === undefined && existsSync(local);
  if (isLocal) {
    noteRead(local);
    const inside = (await stat(local)).isDirectory() ? await readdir(local, { recursive: true }) : [];
    for (const file of inside) noteRead(join(local, file));
  }
  const name = options.name ?? (chart.replace(/\/+$/, '').split('/').at(-1) ?? chart).replace(/-\d.*\.tgz$|\.tgz$/, '');
  const flag = (word: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [word, value];
  const words = [
    ...['template', name, isLocal ? local : chart, '--include-crds', '--values', '-'],
    ...flag('--namespace', namespace),
    ...flag('--repo', repo),
    ...flag('--version', version),
    ...args,
  ];
  const remedy = 'install Helm (https://helm.sh/docs/intro/install/), or name yours as { helm }';
  // JSON is YAML.
  const text = await output({ program: helm, words, input: JSON.stringify(values), remedy });
  return objectsIn(text, `chart ${chart}`);
}

/** Kustomizations, understood as far as needed to know which files belong together and which are only patches. */
import { isRecord } from '../shared/deep.ts';
import { transformationOf } from './kustomized.ts';
import type { Transformation } from './kustomized.ts';
import type { LintedObject } from './rule.ts';
import type { Togetherness } from './resource-index.ts';

export interface Kustomization {
  readonly file: string;
  readonly folder: string;
  /** Paths of files and folders, normalised. */
  readonly resources: readonly string[];
  readonly patches: readonly string[];
  readonly namespace: string | undefined;
  readonly generated: readonly LintedObject[];
  readonly transformation: Transformation | undefined;
  /** Files that become the contents of ConfigMaps and Secrets, whatever they look like. */
  readonly contents: readonly string[];
  /** Whether objects come from elsewhere too: other repositories, charts, generators. */
  readonly open: boolean;
}

export function isKustomizationFile(path: string): boolean {
  return /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(path);
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Joins with forward slashes and takes `.` and `..` away; what leads outside keeps its `..`. */
export function joinPath(folder: string, path: string): string {
  const absolute = folder.startsWith('/');
  const steps: string[] = [];
  for (const step of `${folder}/${path}`.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else steps.push(step);
  }
  return `${absolute ? '/' : ''}${steps.join('/')}`;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function records(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function paths(value: unknown): readonly string[] {
  return records(value).flatMap(({ path }) => (typeof path === 'string' ? [path] : []));
}

function generatedObject(kind: 'ConfigMap' | 'Secret', generator: Record<string, unknown>, file: string): LintedObject {
  const { name, namespace, literals, files, envs, env, behavior } = generator;
  const data: Record<string, string> = {};
  for (const literal of texts(literals)) data[literal.split('=', 1)[0] ?? ''] = '';
  for (const one of texts(files))
    data[one.includes('=') ? (one.split('=', 1)[0] ?? '') : (one.split('/').at(-1) ?? '')] = '';
  const metadata = typeof name === 'string' ? { name } : {};
  const object = { apiVersion: 'v1', kind, metadata, data };
  return {
    object,
    kind: undefined,
    file,
    namespace: typeof namespace === 'string' ? namespace : undefined,
    pod: undefined,
    open: texts(envs).length > 0 || typeof env === 'string' || behavior === 'merge',
  };
}

/** What is fetched from elsewhere: addresses, and repositories as git and Go name them. */
function isRemote(path: string): boolean {
  return /^[a-z+]+:\/\/|^[\w.-]+@|^(?:github|gitlab|bitbucket)\.[a-z]+\/|[?&]ref=/.test(path);
}

function isOpen(own: Record<string, unknown>): boolean {
  const local = ['resources', 'bases', 'components'].flatMap((field) => texts(own[field]));
  const made = ['helmCharts', 'helmChartInflationGenerator', 'generators', 'transformers'];
  return local.some(isRemote) || made.some((field) => Array.isArray(own[field]));
}

function contentsOf(own: Record<string, unknown>): readonly string[] {
  return ['configMapGenerator', 'secretGenerator']
    .flatMap((field) => records(own[field]))
    .flatMap((one) => texts(one['files']))
    .map((file) => file.slice(file.indexOf('=') + 1));
}

export function readKustomization(file: string, value: unknown): Kustomization {
  const folder = folderOf(file);
  const own = isRecord(value) ? value : {};
  const resolve = (path: string): string => joinPath(folder, path);
  const { namespace } = own;
  const place = typeof namespace === 'string' ? { namespace } : {};
  return {
    file,
    folder,
    resources: [
      ...texts(own['resources']),
      ...texts(own['bases']),
      ...texts(own['components']),
      ...texts(own['crds']),
    ].map(resolve),
    // Patches may be given in place; those have line ends and are no paths.
    patches: [
      ...paths(own['patches']),
      ...texts(own['patchesStrategicMerge']),
      ...paths(own['patchesJson6902']),
      ...paths(own['replacements']),
      ...texts(own['transformers']),
      ...texts(own['generators']),
      ...texts(own['configurations']),
    ]
      .filter((path) => !path.includes('\n'))
      .map(resolve),
    namespace: typeof namespace === 'string' ? namespace : undefined,
    transformation: transformationOf(own),
    contents: contentsOf(own).map(resolve),
    open: isOpen(own),
    generated: [
      ...records(own['configMapGenerator']).map((one) => generatedObject('ConfigMap', { ...one, ...place }, file)),
      ...records(own['secretGenerator']).map((one) => generatedObject('Secret', { ...one, ...place }, file)),
    ],
  };
}

/** All kustomizations of a workspace. */
export class Kustomizations implements Togetherness {
  readonly #patches = new Set<string>();
  readonly #contents = new Set<string>();
  /** File -> the kustomizations that it is part of, the nearest first. */
  readonly #containing = new Map<string, Kustomization[]>();
  readonly #byFolder: ReadonlyMap<string, Kustomization>;
  readonly trivial: boolean;

  constructor(readonly all: readonly Kustomization[]) {
    this.trivial = all.length === 0;
    this.#byFolder = new Map(all.map((one) => [one.folder, one]));
    for (const one of all) {
      for (const patch of one.patches) this.#patches.add(patch);
      for (const content of one.contents) this.#contents.add(content);
      this.#contain(one, one, new Set());
    }
  }

  #contain(outer: Kustomization, inner: Kustomization, seen: Set<Kustomization>): void {
    if (seen.has(inner)) return;
    seen.add(inner);
    this.#note(inner.file, outer);
    for (const path of inner.resources) {
      const folder = this.#byFolder.get(path);
      if (folder) this.#contain(outer, folder, seen);
      else this.#note(path, outer);
    }
  }

  #note(file: string, kustomization: Kustomization): void {
    const list = this.#containing.get(file) ?? [];
    if (folderOf(file) === kustomization.folder) list.unshift(kustomization);
    else list.push(kustomization);
    this.#containing.set(file, list);
  }

  isPatch(file: string): boolean {
    return this.#patches.has(file);
  }

  /** Whether the file is only there to become a value in a ConfigMap or Secret. */
  isContent(file: string): boolean {
    return this.#contents.has(file);
  }

  /** What the kustomizations that hold the file do to its objects, the innermost first. */
  transformations(file: string): readonly Transformation[] {
    return (this.#containing.get(file) ?? []).flatMap(({ transformation }) => transformation ?? []);
  }

  /** Whether something that is not among the files may come with them from elsewhere. */
  isOpen(file: string): boolean {
    return this.#containing.get(file)?.some(({ open }) => open) ?? false;
  }

  /** Whether a kustomization puts the objects of both files into one namespace. */
  sharesNamespace(file: string, other: string): boolean {
    const two = this.#containing.get(other);
    return this.#containing.get(file)?.some((one) => one.namespace !== undefined && two?.includes(one)) ?? false;
  }

  /** The namespace that a kustomization puts all objects of the file into. */
  namespaceOf(file: string): string | undefined {
    return this.#containing.get(file)?.find(({ namespace }) => namespace !== undefined)?.namespace;
  }

  together(file: string, other: string): boolean {
    const one = this.#containing.get(file);
    const two = this.#containing.get(other);
    return !one || !two || one.some((kustomization) => two.includes(kustomization));
  }

  generated(): readonly LintedObject[] {
    return this.all.flatMap(({ generated }) => generated);
  }
}

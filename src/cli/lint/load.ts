/** Fills a workspace with what the command line names, and with the files around it that change what is to be found. */
import { access, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { CompileProblem } from '../../compiler/problem.ts';
import type { Manifest } from '../../compiler/manifest-set.ts';
import { isRecord } from '../../shared/deep.ts';
import type { PlacedRange } from '../../lint/diagnostics.ts';
import { forTarget } from '../../lint/target-version.ts';
import type { MadeObject, Workspace } from '../../lint/workspace.ts';
import { readText } from '../documents.ts';
import type { SourceFile } from '../source-files.ts';

export interface Loaded {
  /** Files whose findings are asked for, in the order of the command line. */
  readonly files: readonly string[];
  /** What keeps files and programs from being looked at, and what the compiler has to say. */
  readonly problems: readonly CompileProblem[];
  /** Everything that was read, for `--watch`. */
  readonly inputs: readonly string[];
  readonly objects: number;
  readonly unchecked: number;
}

function fileProblem(file: string, rule: string, message: string, layer: 'syntax' | 'identity'): CompileProblem {
  return { severity: 'error', layer, code: rule, message, place: { file, line: 1, column: 1 } };
}

function lacking(value: unknown): string {
  if (!isRecord(value)) return 'this is no manifest: it is not an object';
  const fields = ['apiVersion', 'kind'].filter((field) => typeof value[field] !== 'string');
  return fields.length === 0
    ? 'this is read by a tool, it is nothing that an API server takes'
    : `this is no manifest: it has no ${fields.join(' and no ')}`;
}

/** In a folder stand files that are none of our business: settings with comments in their JSON, values of templates. */
function looksLikeManifests(text: string): boolean {
  return /\bapiVersion\b/.test(text) && /\bkind\b/.test(text);
}

/** Files of kustomizations that are read although nobody named them. */
const mostResources = 1_000;

/** Files that are open at the same time. */
const readsAtOnce = 64;

const contextNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What an own place in a program says about an object: line and column, no offset. */
function rangeOf(manifest: Manifest, path: Parameters<Manifest['place']>[0]): PlacedRange {
  const place = manifest.place(path) ?? { file: '', line: 1, column: 1 };
  const { file, line, column, endLine = line, endColumn = column } = place;
  return { file, start: { line, column, offset: 0 }, end: { line: endLine, column: endColumn, offset: 0 } };
}

/** The compiler tells what is wrong for the newest Kubernetes; what an older one does not have yet is to be told here. */
function madeOf(manifests: readonly Manifest[], minor: number): readonly MadeObject[] {
  return manifests.map((manifest) => ({
    checked: forTarget({ object: manifest.object, kind: manifest.kind, findings: [], typed: manifest.object }, minor),
    place: (path) => rangeOf(manifest, path),
    complete: true,
  }));
}

export class Loader {
  readonly #problems: CompileProblem[] = [];
  readonly #files: string[] = [];
  readonly #inputs = new Set<string>();
  #objects = 0;
  #unchecked = 0;

  constructor(readonly workspace: Workspace) {}

  async load(sources: readonly SourceFile[]): Promise<Loaded> {
    await this.#programs(sources.filter(({ form }) => form === 'program').map(({ path }) => path));
    const manifests = sources.filter(({ form }) => form === 'manifests');
    for (let from = 0; from < manifests.length; from += readsAtOnce) {
      const batch = manifests.slice(from, from + readsAtOnce);
      const texts = await Promise.all(batch.map(async (source) => ({ source, read: await readText(source) })));
      for (const { source, read } of texts) this.#manifests(source, read);
    }
    await this.#context(manifests.map(({ path }) => normalize(path)));
    await this.#resources();
    for (const { path, named } of manifests) this.#judge(normalize(path), named);
    // As the user named them, whatever had to be read first.
    const order = new Map(
      sources.flatMap(({ path }, index) => [[path, index] as const, [normalize(path), index] as const]),
    );
    const rank = (file: string): number => order.get(file) ?? sources.length;
    return {
      files: [...this.#files].sort((a, b) => rank(a) - rank(b)),
      problems: this.#problems,
      inputs: [...this.#inputs],
      objects: this.#objects,
      unchecked: this.#unchecked,
    };
  }

  async #programs(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const [{ compile }, { Checker }] = await Promise.all([
      import('../../compiler/index.ts'),
      import('../../compiler/check.ts'),
    ]);
    const checker = () => Promise.resolve(new Checker(this.workspace.registry));
    const results = await compile(paths, checker, { exactPlaces: true });
    results.forEach(({ set, problems, inputs, coverage }, index) => {
      const path = paths[index] ?? '';
      this.#problems.push(...problems);
      this.#objects += coverage.objects;
      this.#unchecked += coverage.unchecked;
      for (const input of [path, ...inputs]) this.#inputs.add(input);
      if (!set) return;
      this.workspace.setObjects(path, madeOf(set.manifests, this.workspace.settings.minor));
      this.#files.push(path);
    });
  }

  #manifests(source: SourceFile, read: Awaited<ReturnType<typeof readText>>): void {
    this.#inputs.add(source.path);
    if ('problem' in read) {
      this.#problems.push(read.problem);
      this.#unread();
      return;
    }
    const path = normalize(source.path);
    try {
      this.workspace.setFile(path, read.text);
    } catch (error) {
      // The parser recurses; nothing that anybody means to write is that deep.
      if (!(error instanceof RangeError)) throw error;
      const message = 'the file is nested more deeply than can be read';
      this.#problems.push(fileProblem(path, 'too-deep', message, 'syntax'));
      this.#unread();
    }
  }

  /** A file that cannot be read counts as one object that was not checked. */
  #unread(): void {
    this.#objects += 1;
    this.#unchecked += 1;
  }

  /** Kustomizations and charts around the files say which of them are patches and templates. */
  async #context(paths: readonly string[]): Promise<void> {
    const folders = new Set<string>();
    for (const path of paths) {
      for (let folder = dirname(path), depth = 0; depth < 6 && !folders.has(folder); depth += 1) {
        folders.add(folder);
        const parent = dirname(folder);
        if (parent === folder) break;
        folder = parent;
      }
    }
    for (const folder of folders) {
      for (const name of [...contextNames, 'Chart.yaml']) {
        const path = join(folder, name);
        if (this.workspace.file(path) || !(await exists(path))) continue;
        const read = await readText({ path, form: 'manifests', named: false });
        if ('text' in read) this.workspace.setFile(path, read.text, { context: true });
      }
    }
  }

  /** What kustomizations take from folders that nobody named is there all the same. */
  async #resources(): Promise<void> {
    const asked = new Set<string>();
    for (let more = true; more;) {
      const paths = this.workspace.kustomizations.all.flatMap(({ resources }) => resources);
      const pending = [...new Set(paths)].filter((path) => !asked.has(path) && !this.workspace.file(path));
      more = pending.length > 0 && asked.size < mostResources;
      for (const path of pending) {
        asked.add(path);
        await this.#resource(path);
      }
    }
  }

  async #resource(path: string): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    const files = found?.isDirectory() === true ? contextNames.map((name) => join(path, name)) : [path];
    for (const file of files) {
      if (this.workspace.file(file) || !(await exists(file))) continue;
      const read = await readText({ path: file, form: 'manifests', named: false });
      if ('text' in read) this.workspace.setFile(file, read.text, { context: true });
    }
  }

  /** What the text as a whole is, once it is known what stands around it. */
  #judge(path: string, named: boolean): void {
    const state = this.workspace.file(path);
    if (state?.text === undefined) return;
    const { template, parts, text } = state;
    const broken = parts.some(({ problems }) => problems.some(({ layer }) => layer === 'syntax'));
    if (broken && !named && !looksLikeManifests(text)) {
      this.workspace.removeFile(path);
      return;
    }
    const { objects, unchecked } = this.workspace.coverage(path);
    this.#objects += objects;
    this.#unchecked += unchecked;
    this.#files.push(path);
    if (template) {
      const message = 'this is a template and was not checked; lint what it renders to';
      this.#problems.push({ ...fileProblem(path, 'template', message, 'identity'), severity: 'info' });
    } else if (named) this.#complain(path);
  }

  /** A file that the user named has to hold manifests. */
  #complain(path: string): void {
    const parts = this.workspace.file(path)?.parts ?? [];
    const foreign = parts.flatMap(({ others }) => others);
    if (parts.some(({ problems }) => problems.length > 0)) return;
    if (parts.every(({ yaml }) => yaml.every(({ partial }) => partial === null))) {
      this.#problems.push(fileProblem(path, 'empty', 'the file is empty', 'syntax'));
    } else if (parts.every(({ objects, problems }) => objects.length === 0 && problems.length === 0)) {
      if (this.workspace.isMaterial(path)) return;
      const { value } = foreign[0] ?? { value: undefined };
      this.#problems.push(fileProblem(path, 'no-manifest', lacking(value), 'identity'));
    }
  }
}

/**
 * The files that are looked at together. Texts come and go; what is found in a piece of a file is kept as long as the piece
 * stays the same. The command line, the editor and the library all ask here.
 */
import type { CheckedObject } from '../compiler/check.ts';
import { builtInKinds } from '../types/kinds/index.ts';
import { customResourceKinds } from '../types/custom-resource-schema.ts';
import { Registry } from '../types/registry.ts';
import { RuleSettings } from './config.ts';
import type { LintConfig } from './config.ts';
import type { Base } from './base.ts';
import { assemble } from './assemble.ts';
import type { Assembled } from './assemble.ts';
import type { Diagnostic } from './diagnostics.ts';
import { DocumentPart, splitDocuments } from './document.ts';
import type { DocumentText } from './document.ts';
import { Engine } from './engine.ts';
import { entryOfRead, foundOfResult, makeEntry } from './entry.ts';
import type { Entry, EntryContext, EntryFound, Place } from './entry.ts';
import { isChartSetting, isInChart, isTemplate } from './helm.ts';
import { unknownKustomizationFields } from './kustomization-fields.ts';
import { folderOf, isKustomizationFile, Kustomizations, readKustomization } from './kustomize.ts';
import type { Kustomization } from './kustomize.ts';
import { factsText } from './facts.ts';
import { ResourceIndex } from './resource-index.ts';
import type { LintRule } from './rule.ts';
import { rules as allRules } from './rules/index.ts';
import { commentSuppressions } from './suppressions.ts';
import type { CommentSuppression } from './suppressions.ts';
import { textFindings } from './text-rules.ts';
import type { TextFound } from './text-rules.ts';

export interface WorkspaceOptions {
  readonly config?: LintConfig;
  /** Default: THE table. */
  readonly rules?: readonly LintRule[];
}

export interface FileOptions {
  /** Only there for what others refer to; nothing is found in it. */
  readonly context?: boolean;
}

/** A piece of a file with what was found in it. */
export interface LintedPart {
  readonly part: DocumentPart;
  readonly comments: readonly CommentSuppression[];
  readonly entries: readonly Entry[];
  /** What rules say about the way it is written. */
  readonly texts: readonly TextFound[];
}

export interface FileState {
  readonly path: string;
  /** Undefined for a program. */
  readonly text: string | undefined;
  readonly context: boolean;
  readonly pieces: readonly DocumentText[];
  readonly parts: readonly DocumentPart[];
  readonly template: boolean;
  /** Objects of a program. */
  readonly made: readonly MadeObject[];
}

/** An object that a program made, checked by the compiler. */
export interface MadeObject {
  readonly checked: CheckedObject;
  readonly place: Place;
  /** Whether what the check found is to be told here; false where the compiler tells it. */
  readonly complete?: boolean;
}

export interface FileCoverage {
  readonly objects: number;
  /** Objects whose kind is not known; a template counts as one, and so does a document that cannot be read. */
  readonly unchecked: number;
  readonly template: boolean;
}

export class Workspace {
  readonly #files = new Map<string, FileState>();
  readonly #definitions = new Map<string, string>();
  readonly #kustomizationFiles = new Map<string, Kustomization>();
  readonly #chartFolders = new Set<string>();
  readonly settings: RuleSettings;
  readonly #engine: Engine;
  #registry: Registry | undefined;
  #kustomizations: Kustomizations | undefined;
  #linted = new WeakMap<DocumentPart, LintedPart>();
  #made = new WeakMap<MadeObject, Entry>();
  #around = new WeakMap<Entry, readonly EntryFound[]>();
  #base: Base | undefined;
  #index: { readonly index: ResourceIndex } | undefined;
  /** Whether what was found around objects is that of the last index. */
  #indexed = false;
  /** What the files that were touched since then said to others. */
  readonly #former = new Map<string, string | undefined>();
  readonly #factTexts = new WeakMap<Entry, string>();

  /** @throws ConfigError */
  constructor({ config = {}, rules = allRules }: WorkspaceOptions = {}) {
    this.settings = new RuleSettings(rules, config);
    this.#engine = new Engine(this.settings);
  }

  /** Adds a file or gives it another text. */
  setFile(path: string, text: string, { context = false }: FileOptions = {}): void {
    const old = this.#files.get(path);
    if (old?.text === text && old.context === context) return;
    const known = new Map(old?.parts.map((part) => [part.text, part]));
    const pieces = splitDocuments(text);
    const taken = new Set<DocumentPart>();
    const parts = pieces.map((piece) => {
      const same = known.get(piece.text);
      // Twins need results of their own: their places differ.
      if (same && !taken.has(same)) {
        taken.add(same);
        return same;
      }
      return new DocumentPart(piece.text, piece.refused);
    });
    const broken = parts.some(({ problems }) => problems.some(({ layer }) => layer === 'syntax'));
    if (/(?:^|\/)Chart\.ya?ml$/.test(path)) this.#chart(folderOf(path));
    const template = isTemplate(text, broken, isInChart(path, this.#chartFolders));
    this.#touch(path);
    this.#files.set(path, { path, text, context, pieces, parts, template, made: [] });
    if (isKustomizationFile(path)) this.#kustomize(path, readKustomization(path, parts[0]?.yaml[0]?.partial));
    this.#define(path, template ? [] : parts);
  }

  /** The objects of a program, in the place of a text. */
  setObjects(path: string, made: readonly MadeObject[]): void {
    this.#touch(path);
    this.#files.set(path, { path, text: undefined, context: false, pieces: [], parts: [], template: false, made });
  }

  removeFile(path: string): void {
    if (!this.#files.has(path)) return;
    this.#touch(path);
    this.#files.delete(path);
    if (this.#kustomizationFiles.delete(path)) this.#forget();
    this.#define(path, []);
  }

  /** All of them, also those that are only context. */
  files(): Iterable<FileState> {
    return this.#files.values();
  }

  file(path: string): FileState | undefined {
    return this.#files.get(path);
  }

  /** The kinds that are known: the built-in ones and those that a file of the workspace defines. */
  get registry(): Registry {
    if (!this.#registry) {
      this.#registry = new Registry(builtInKinds);
      for (const text of this.#definitions.values()) {
        const definitions: readonly unknown[] = JSON.parse(text);
        for (const definition of definitions)
          for (const kind of customResourceKinds(definition)) this.#registry.add(kind);
      }
    }
    return this.#registry;
  }

  get kustomizations(): Kustomizations {
    this.#kustomizations ??= new Kustomizations([...this.#kustomizationFiles.values()]);
    return this.#kustomizations;
  }

  /** Whether the file is a tool's own, or material of one, and need not hold manifests. */
  isMaterial(path: string): boolean {
    const { kustomizations } = this;
    if (isKustomizationFile(path) || kustomizations.isPatch(path) || this.#isSetting(path)) return true;
    return [...this.#chartFolders].some((folder) => folder === '' || path.startsWith(`${folder}/`));
  }

  /** What was found in each piece of a file, in its order. */
  lintedParts(path: string): readonly LintedPart[] {
    const state = this.#files.get(path);
    if (!state || state.template) return [];
    return state.parts.map((part) => this.#lint(part, path));
  }

  /** Looks at what has not been looked at yet, a piece at each step, for those who have something else to do in between. */
  *pending(): Generator<undefined> {
    for (const [path, state] of this.#files) {
      if (state.template) continue;
      for (const part of state.parts) {
        if (this.#linted.has(part) || this.#files.get(path) !== state) continue;
        this.#lint(part, path);
        yield;
      }
    }
  }

  entries(path: string): readonly Entry[] {
    const state = this.#files.get(path);
    const made = state?.made.map((one) => this.#entryOfMade(one, path)) ?? [];
    return [...made, ...this.lintedParts(path).flatMap(({ entries }) => entries)];
  }

  get index(): ResourceIndex {
    if (!this.#index) {
      const { kustomizations } = this;
      const subjects = [...this.#files.values()]
        .filter(({ path }) => !kustomizations.isPatch(path) && !this.#isSetting(path))
        .flatMap(({ path }) => this.entries(path).filter(({ sound }) => sound))
        .map(({ subject }) => subject);
      const external = this.settings.externalRefs;
      const objects = [...subjects, ...kustomizations.generated()];
      this.#index = { index: new ResourceIndex(objects, this.#files.size, kustomizations, external) };
      if (this.#factsChanged()) this.#around = new WeakMap();
    }
    return this.#index.index;
  }

  /** Everything that is wrong with a file, from top to bottom. Nothing for files that are not there or only context. */
  diagnostics(path: string): readonly Diagnostic[] {
    return this.#assembled(path).diagnostics;
  }

  /** What was found in a file and silenced there. */
  suppressed(path: string): readonly Diagnostic[] {
    return this.#assembled(path).suppressed;
  }

  #assembled(path: string): Assembled {
    const state = this.#files.get(path);
    if (!state || state.context || state.template || this.settings.ignores(path) || this.#isSetting(path))
      return { diagnostics: [], suppressed: [] };
    return assemble(state, this);
  }

  coverage(path: string): FileCoverage {
    const state = this.#files.get(path);
    if (!state || state.context || this.#isSetting(path)) return { objects: 0, unchecked: 0, template: false };
    if (state.template) return { objects: 1, unchecked: 1, template: true };
    const entries = this.entries(path);
    const broken = state.parts.filter((part) => part.objects.length === 0 && part.problems.length > 0).length;
    return {
      objects: entries.length + broken,
      unchecked: entries.filter(({ subject }) => !subject.kind).length + broken,
      template: false,
    };
  }

  /** From now on, what the API server would refuse to change since then is told too. */
  setBase(base: Base): void {
    this.#base = base;
    this.#around = new WeakMap();
  }

  /** What is wrong with an object among the others. */
  aroundFound(entry: Entry): readonly EntryFound[] {
    const { index } = this;
    let found = this.#around.get(entry);
    if (!found) {
      const { subject, place, sound } = entry;
      const skipped = !sound || this.kustomizations.isPatch(subject.file);
      const results = skipped ? [] : this.#engine.among(subject, index.around(subject));
      const refused = entry.own.some(({ severity }) => severity === 'error');
      const told = results.filter(({ rule }) => !refused || rule !== 'rule-failed');
      found = told.map((result) => foundOfResult(result, place));
      if (this.#base && !skipped) found = [...found, ...this.#base.refused(entry)];
      this.#around.set(entry, found);
    }
    return found;
  }

  /** Whether what files say to others has changed since the last time; most edits concern nobody else. */
  #factsChanged(): boolean {
    const changed = !this.#indexed || [...this.#former].some(([path, facts]) => this.#factsOf(path) !== facts);
    this.#former.clear();
    this.#indexed = true;
    return changed;
  }

  #factsOf(path: string): string | undefined {
    if (!this.#files.has(path)) return undefined;
    const texts = this.entries(path).map((entry) => {
      const text = this.#factTexts.get(entry) ?? factsText(entry.subject);
      this.#factTexts.set(entry, text);
      return text;
    });
    return texts.join('\n');
  }

  /** To be called before a file changes. */
  #touch(path: string): void {
    if (this.#indexed && !this.#former.has(path)) this.#former.set(path, this.#factsOf(path));
    this.#index = undefined;
  }

  #lint(part: DocumentPart, path: string): LintedPart {
    let linted = this.#linted.get(part);
    if (!linted) {
      const context = this.#context(path);
      const entries = part.objects.map((read) => entryOfRead(read, context));
      const written = part.problems.length > 0 ? [] : textFindings(part.text, path, this.settings);
      const texts = isKustomizationFile(path) ? [...unknownKustomizationFields(part), ...written] : written;
      linted = { part, comments: commentSuppressions(part.text), entries, texts };
      this.#linted.set(part, linted);
    }
    return linted;
  }

  #entryOfMade(made: MadeObject, path: string): Entry {
    let entry = this.#made.get(made);
    if (!entry) {
      entry = makeEntry(made.checked, this.#context(path), made.place, undefined, made.complete ?? false);
      this.#made.set(made, entry);
    }
    return entry;
  }

  #context(file: string): EntryContext {
    const { registry, kustomizations } = this;
    const patch = kustomizations.isPatch(file);
    const transformations = kustomizations.transformations(file);
    const namespace = kustomizations.namespaceOf(file);
    return { file, registry, engine: this.#engine, patch, namespace, transformations };
  }

  /** What tools read and nobody deploys: values of charts, contents of ConfigMaps. */
  #isSetting(path: string): boolean {
    return this.kustomizations.isContent(path) || isChartSetting(path, this.#chartFolders);
  }

  /** Files that came before their chart may be templates after all. */
  #chart(folder: string): void {
    if (this.#chartFolders.has(folder)) return;
    this.#chartFolders.add(folder);
    for (const [path, state] of this.#files) {
      if (state.template || state.text === undefined || !isInChart(path, this.#chartFolders)) continue;
      if (!isTemplate(state.text, false, true)) continue;
      this.#touch(path);
      this.#files.set(path, { ...state, template: true });
      this.#define(path, []);
    }
  }

  #kustomize(path: string, kustomization: Kustomization): void {
    this.#kustomizationFiles.set(path, kustomization);
    this.#forget();
  }

  /** Definitions of custom resources change what is known of others. */
  #define(path: string, parts: readonly DocumentPart[]): void {
    const candidates = parts.flatMap(({ objects }) => objects.map(({ candidate }) => candidate));
    const definitions = candidates.filter(({ kind }) => kind === 'CustomResourceDefinition');
    const before = this.#definitions.get(path);
    const after = definitions.length === 0 ? undefined : JSON.stringify(definitions);
    if (before === after) return;
    if (after === undefined) this.#definitions.delete(path);
    else this.#definitions.set(path, after);
    this.#registry = undefined;
    this.#forget();
  }

  /** What was found depends on more than the text. */
  #forget(): void {
    this.#kustomizations = undefined;
    this.#linted = new WeakMap();
    this.#made = new WeakMap();
    this.#around = new WeakMap();
    this.#index = undefined;
    this.#indexed = false;
    this.#former.clear();
  }
}

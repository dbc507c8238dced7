/** Programs, YAML and JSON named on the command line -> checked objects, or findings about them. */
import { resolve } from 'node:path';
import type { Checker, Finding } from '../compiler/check.ts';
import type { CompileOptions, CompileResult } from '../compiler/index.ts';
import type { CompileSession } from '../compiler/session.ts';
import type { Manifest } from '../compiler/manifest-set.ts';
import type { CompileProblem } from '../compiler/problem.ts';
import type { Evidence } from '../compiler/evidence.ts';
import type { FieldPath } from '../types/field-issue.ts';
import { Exit } from './command.ts';
import { isGlob } from './glob.ts';
import type { SourceDocument } from './documents.ts';
import { sourceFiles } from './source-files.ts';
import type { SourceFile } from './source-files.ts';

export interface CheckedSources {
  /** Undefined when there is an error. */
  readonly manifests: readonly Manifest[] | undefined;
  readonly problems: readonly CompileProblem[];
  readonly coverage: CompileResult['coverage'];
  /** Absolute paths of what the result depends on, as far as that is known. */
  readonly inputs: readonly string[];
  /** Of all programs, or undefined when one of them may come to another result next time. */
  evidence?(): readonly Evidence[] | undefined;
}

function problemOf(finding: Finding, document: SourceDocument, title: string): CompileProblem {
  const { severity, layer, code, message, path, fieldPath } = finding;
  const part = code === 'unknown-field' ? 'key' : 'value';
  return { severity, layer, code, message, object: title, path, place: document.place(fieldPath, part) };
}

async function checkFile(source: SourceFile, checker: Checker): Promise<CheckedSources> {
  const [{ readDocuments }, { titleOf }, { deepFreeze }] = await Promise.all([
    import('./documents.ts'),
    import('../compiler/manifest-set.ts'),
    import('../shared/deep.ts'),
  ]);
  const { documents, problems: broken } = await readDocuments(source);
  const problems: CompileProblem[] = [...broken];
  const manifests: Manifest[] = [];
  await checker.learn(documents.map(({ candidate }) => candidate));
  let unchecked = 0;
  for (const document of documents) {
    const { line } = document.place([]);
    const { object, kind, findings } = checker.check(document.candidate, () => `${source.path}:${line}`);
    const title = titleOf(object);
    problems.push(...findings.map((finding) => problemOf(finding, document, title)));
    if (!kind) unchecked += 1;
    manifests.push({ object: deepFreeze(object), kind, place: (path: FieldPath) => document.place(path) });
  }
  const failed = problems.some(({ severity }) => severity === 'error');
  return {
    manifests: failed ? undefined : manifests,
    problems,
    coverage: { objects: documents.length, unchecked },
    inputs: source.path === '-' ? [] : [resolve(source.path)],
  };
}

/** Loaded while the programs are on their way: the kinds are the larger half of this program. */
async function newChecker(): Promise<Checker> {
  const [check, kinds, registry] = await Promise.all([
    import('../compiler/check.ts'),
    import('../types/kinds/index.ts'),
    import('../types/registry.ts'),
  ]);
  return new check.Checker(new registry.Registry(kinds.builtInKinds));
}

/** Programs first, then files, always in the order of the command line, so that of two objects with one name the second is complained of. */
export async function checkSources(
  files: readonly SourceFile[],
  options: CompileOptions,
  session?: CompileSession,
): Promise<CheckedSources> {
  const programs = files.filter(({ form }) => form === 'program').map(({ path }) => path);
  const parts: Omit<CheckedSources, 'evidence'>[] = [];
  let results: readonly CompileResult[] = [];
  let checker: Checker | undefined;
  if (programs.length > 0) {
    const { compile } = await import('../compiler/index.ts');
    const load = async (): Promise<Checker> => (checker = await newChecker());
    results = await compile(programs, load, options, session);
    for (const { set, ...result } of results) parts.push({ manifests: set?.manifests, ...result });
  }
  checker ??= await newChecker();
  for (const file of files) if (file.form === 'manifests') parts.push(await checkFile(file, checker));
  const { inApplyOrder } = await import('../compiler/apply-order.ts');
  const failed = parts.some(({ manifests }) => !manifests);
  return {
    manifests: failed ? undefined : inApplyOrder(parts.flatMap(({ manifests }) => manifests ?? [])),
    problems: parts.flatMap(({ problems }) => problems),
    inputs: parts.flatMap(({ inputs }) => inputs),
    coverage: {
      objects: parts.reduce((sum, { coverage }) => sum + coverage.objects, 0),
      unchecked: parts.reduce((sum, { coverage }) => sum + coverage.unchecked, 0),
    },
    evidence() {
      const all = results.flatMap((result) => result.evidence?.() ?? []);
      return all.length === files.length ? all : undefined;
    },
  };
}

/** Prints what is wrong to the standard error output. */
async function report(checked: CheckedSources): Promise<CheckedSources> {
  // What was not checked is for lint to tell; custom resources are no news to who writes them.
  const shown = checked.problems.filter(({ severity }) => severity !== 'info');
  if (shown.length > 0) {
    const { problemText } = await import('../compiler/code-frame.ts');
    process.stderr.write(shown.map((problem) => `${problemText(problem)}\n`).join(''));
  }
  return checked;
}

/** The programs among the words of a command line that takes nothing else. */
async function programFiles(entries: readonly string[]): Promise<readonly SourceFile[]> {
  let files: readonly SourceFile[];
  try {
    files = await sourceFiles(entries);
  } catch (error) {
    // A program that is not there is as wrong as one that imports a file which is not there.
    throw error instanceof Exit ? new Exit(1, `error: ${error.message}`) : error;
  }
  const other = files.find(({ form, named }) => form !== 'program' && named);
  if (other) {
    const instead = /\.(?:ya?ml|json)$/i.test(other.path) ? `; "kubewright import" turns manifests into a program` : '';
    throw new Exit(1, `${other.path}:1:1: error: this is no TypeScript program, which is what build takes${instead}`);
  }
  const found = new Set(files.map(({ path }) => path));
  const folder = entries.find((entry) => !found.has(entry) && !isGlob(entry));
  if (folder !== undefined) throw new Exit(1, `error: ${folder} is a folder; build takes TypeScript programs`);
  return files;
}

/** Programs only, in apply order; what is wrong has been printed. */
export async function compilePrograms(
  entries: readonly string[],
  options: CompileOptions,
  session?: CompileSession,
): Promise<CheckedSources> {
  return report(await checkSources(await programFiles(entries), options, session));
}

/** Programs, YAML and JSON files, and folders of those, in apply order; what is wrong has been printed. */
export async function loadSources(
  entries: readonly string[],
  options: CompileOptions,
  session?: CompileSession,
): Promise<CheckedSources> {
  return report(await checkSources(await sourceFiles(entries), options, session));
}

/** Of `loadSources` the manifests; undefined when something is wrong. */
export async function loadManifests(
  entries: readonly string[],
  options: CompileOptions,
): Promise<readonly Manifest[] | undefined> {
  const { manifests } = await loadSources(entries, options);
  return manifests;
}

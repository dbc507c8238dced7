/** `kubewright import`: YAML and JSON -> builder code; definitions of custom resources -> typed builders. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ManifestSource } from '../../compiler/import/imported-object.ts';
import type { Program } from '../../compiler/import/program.ts';
import type { SourcePlace } from '../../compiler/problem.ts';
import { Exit, usageError } from '../command.ts';
import { readDocuments } from '../documents.ts';
import type { DocumentProblem, SourceDocument } from '../documents.ts';
import { replaceFile } from '../manifest-files.ts';
import { sourceFiles } from '../source-files.ts';
import type { SourceFile } from '../source-files.ts';

interface PlacedSource extends ManifestSource {
  readonly place: SourceDocument['place'];
}

function note(place: SourcePlace, text: string): void {
  process.stderr.write(`${place.file}:${place.line}:${place.column}: ${text}\n`);
}

async function filesOf(words: readonly string[]): Promise<readonly SourceFile[]> {
  const address = words.find((word) => /^https?:\/\//.test(word));
  if (address !== undefined)
    throw usageError(`${address} is an address; import reads files: curl -fsSL ${address} | kubewright import -`);
  const files = await sourceFiles(words);
  const program = files.find(({ form }) => form === 'program');
  if (program) throw usageError(`${program.path} is a program already; import takes YAML and JSON`);
  return files;
}

/** Charts' templates are no YAML yet. */
async function templateHints(problems: readonly DocumentProblem[]): Promise<readonly string[]> {
  const files = [...new Set(problems.map(({ place }) => place.file))].filter((file) => file !== '-');
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return files
    .filter((_, index) => /\{\{[^]*\}\}/.test(texts[index] ?? ''))
    .map((file) => `${file} looks like a template: render it first, as in helm template CHART | kubewright import -`);
}

/** For kustomize, not for a cluster. */
function isKustomization({ object }: ManifestSource): boolean {
  return object.apiVersion.startsWith('kustomize.config.k8s.io/');
}

async function manifests(words: readonly string[]): Promise<readonly PlacedSource[]> {
  const files = await filesOf(words);
  const contents = await Promise.all(files.map(readDocuments));
  const problems = contents.flatMap((content) => content.problems);
  if (problems.length > 0) {
    const { problemText } = await import('../../compiler/code-frame.ts');
    throw new Exit(1, [...problems.map(problemText), ...(await templateHints(problems))].join('\n'));
  }
  return contents.flatMap(({ documents }, index) =>
    documents.flatMap(({ candidate, comments, place }) => {
      const source = { object: candidate, comments, place };
      if (!isKustomization(source)) return [source];
      const left = files[index]?.named !== true;
      const remedy = 'to import what it makes, kubectl kustomize FOLDER | kubewright import -';
      note(place([]), `a ${candidate.kind} is for kustomize${left ? ' and left out' : ''}; ${remedy}`);
      return left ? [] : [source];
    }),
  );
}

async function programFor(sources: readonly PlacedSource[]): Promise<Program> {
  const [{ fittingProgram }, { isDefinition }] = await Promise.all([
    import('../../compiler/import/fitting.ts'),
    import('../../compiler/import/crd/definition.ts'),
  ]);
  const definitions = sources.filter(({ object }) => isDefinition(object));
  if (definitions.length === 0) return fittingProgram(sources);
  await checkDefinitions(definitions);
  const { customBuilders } = await import('../../compiler/import/crd/builders.ts');
  const builders = customBuilders(definitions.map(({ object }) => object));
  // A file of definitions alone is there for its types; beside other objects they are objects too.
  return fittingProgram(definitions.length === sources.length ? [] : sources, builders);
}

async function checkDefinitions(sources: readonly PlacedSource[]): Promise<void> {
  const [{ definitionOf, NoDefinition }, { problemText }] = await Promise.all([
    import('../../compiler/import/crd/definition.ts'),
    import('../../compiler/code-frame.ts'),
  ]);
  const problems: string[] = [];
  for (const { object, place } of sources) {
    const removed = object.apiVersion !== 'apiextensions.k8s.io/v1';
    if (removed)
      note(place(['apiVersion']), `${object.apiVersion} was removed in Kubernetes 1.22; no cluster takes this`);
    try {
      definitionOf(object);
    } catch (error) {
      if (!(error instanceof NoDefinition)) throw error;
      const { message, path } = error;
      problems.push(problemText({ severity: 'error', layer: 'structure', code: 'type', message, place: place(path) }));
    }
  }
  if (problems.length > 0) throw new Exit(1, problems.join('\n'));
}

/** @throws Exit with code 2 for what import should not write to */
async function checkOutput(output: string): Promise<void> {
  if (output === '-') return;
  const existing = await stat(output).catch(() => undefined);
  if (existing?.isDirectory() === true)
    throw usageError(`--output ${output} is a folder; name a file, such as ${output.replace(/\/+$/, '')}/app.ts`);
  // A slip that would write over the manifests themselves.
  if ((existing?.isFile() ?? true) && !/\.[cm]?[jt]sx?$/.test(output))
    throw usageError(`--output ${output}: import writes TypeScript; name a file that ends in .ts`);
}

async function write(text: string, output: string): Promise<void> {
  if (output === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    const before = await readFile(output, 'utf8').catch(() => '');
    await mkdir(dirname(resolve(output)), { recursive: true });
    await replaceFile(output, text);
    if (before !== '' && before !== text) process.stderr.write(`${output}: what was there is replaced\n`);
  } catch (error) {
    throw usageError(`--output ${output}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function run(words: readonly string[], { output }: { readonly output: string }): Promise<void> {
  await checkOutput(output);
  const sources = await manifests(words);
  if (sources.length === 0) throw new Exit(1, `${words.join(', ')}: no manifest found`);
  const { text, misfits } = await programFor(sources);
  for (const { source, reason } of misfits) {
    const found = sources.find((one) => one.object === source.object);
    if (found) note(found.place([]), `a ${source.object.kind} is taken as it is, by raw: ${reason}`);
  }
  await write(text, output);
}

export function configure(command: Command): void {
  command
    .argument('<path...>', 'YAML and JSON files, folders, globs, or - for the standard input')
    .option('-o, --output <file>', 'file to write, or - for the standard output', '-')
    .action(run);
}

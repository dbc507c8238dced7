/** `kubewright import`: YAML and JSON -> builder code; definitions of custom resources -> typed builders. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ManifestSource } from '../../compiler/import/imported-object.ts';
import { Exit, usageError } from '../command.ts';
import { readDocuments } from '../documents.ts';
import { sourceFiles } from '../source-files.ts';

async function manifests(words: readonly string[]): Promise<readonly ManifestSource[]> {
  const files = await sourceFiles(words);
  const program = files.find(({ form }) => form === 'program');
  if (program) throw usageError(`${program.path} is a program already; import takes YAML and JSON`);
  const contents = await Promise.all(files.map(readDocuments));
  const problems = contents.flatMap((content) => content.problems);
  if (problems.length > 0) {
    const { problemText } = await import('../../compiler/code-frame.ts');
    throw new Exit(1, problems.map(problemText).join('\n'));
  }
  return contents
    .flatMap(({ documents }) => documents)
    .map(({ candidate, comments }) => ({ object: candidate, comments }));
}

async function textOf(sources: readonly ManifestSource[]): Promise<string> {
  const [{ programText }, { customBuilders }, { isDefinition, NoDefinition }] = await Promise.all([
    import('../../compiler/import/program.ts'),
    import('../../compiler/import/crd/builders.ts'),
    import('../../compiler/import/crd/definition.ts'),
  ]);
  const definitions = sources.filter(({ object }) => isDefinition(object)).map(({ object }) => object);
  if (definitions.length === 0) return programText(sources);
  try {
    // A file of definitions alone is there for its types; beside other objects they are objects too.
    return programText(definitions.length === sources.length ? [] : sources, customBuilders(definitions));
  } catch (error) {
    if (error instanceof NoDefinition) throw new Exit(1, `a CustomResourceDefinition is not sound: ${error.message}`);
    throw error;
  }
}

async function run(words: readonly string[], { output }: { readonly output: string }): Promise<void> {
  const sources = await manifests(words);
  if (sources.length === 0) throw new Exit(1, `${words.join(', ')}: no manifest found`);
  const text = await textOf(sources);
  if (output === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(output, text);
  } catch (error) {
    throw usageError(`--output ${output}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function configure(command: Command): void {
  command
    .argument('<path...>', 'YAML and JSON files, folders, globs, or - for the standard input')
    .option('-o, --output <file>', 'file to write, or - for the standard output', '-')
    .action(run);
}

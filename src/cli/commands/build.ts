/** `kubewright build`: programs -> one ordered stream, one file, or one file per object. */
import type { Command } from 'commander';
import type { CompileOptions } from '../../compiler/index.ts';
import { Exit, usageError } from '../command.ts';
import type { Manifest } from '../../compiler/manifest-set.ts';
import { isGlob } from '../glob.ts';
import { formOf, render, writeRendered } from '../manifest-files.ts';

interface Options {
  readonly output: string;
  readonly format: 'yaml' | 'json';
  readonly env?: string;
  readonly set: readonly string[];
  readonly typeCheck?: boolean;
  readonly watch?: boolean;
  readonly cache: boolean;
}
type GivenOptions = Omit<Options, 'format'> & { readonly format?: Options['format'] };

/** `key=value` words -> a record. */
export function parseSet(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw usageError(`--set takes key=value, not ${JSON.stringify(word)}`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

export function collect(word: string, words: readonly string[]): readonly string[] {
  return [...words, word];
}

function typeCheckIsDefault(): boolean {
  const ci = process.env['CI'];
  return ci !== undefined && !['', 'false', '0'].includes(ci);
}

/** As the name of the file says, where the command line does not. */
function formatOf(output: string): Options['format'] {
  return /\.json$/i.test(output) ? 'json' : 'yaml';
}

async function build(entries: readonly string[], given: GivenOptions): Promise<void> {
  const options: Options = { ...given, format: given.format ?? formatOf(given.output) };
  if (options.format !== 'yaml' && options.format !== 'json')
    throw usageError(`--format is yaml or json, not ${options.format}`);
  const compileOptions: CompileOptions = {
    ...(options.env === undefined ? {} : { env: options.env }),
    set: parseSet(options.set),
    typeCheck: options.typeCheck ?? typeCheckIsDefault(),
  };
  await (options.watch === true ? watch : buildOnce)(entries, options, compileOptions);
}

async function write(manifests: readonly Manifest[], { output, format }: Options): Promise<void> {
  const form = await formOf(output);
  const objects = manifests.map(({ object }) => object);
  await writeRendered(render(objects, form, format), output, form);
}

async function buildOnce(entries: readonly string[], options: Options, compileOptions: CompileOptions): Promise<void> {
  const { output, format, cache: wanted } = options;
  const form = await formOf(output);
  // What type checking reads is not known, so then there is nothing to go by.
  // What a glob matches is another question than what was in the files.
  const cache =
    wanted && compileOptions.typeCheck !== true && !entries.some(isGlob)
      ? new (await import('../build-cache.ts')).BuildCache({
          entries,
          env: options.env,
          set: compileOptions.set ?? {},
          form: `${form} ${format}`,
        })
      : undefined;
  const kept = cache?.get();
  if (kept) return writeRendered(kept, output, form);
  const [{ compilePrograms }, { interruption }] = await Promise.all([
    import('../sources.ts'),
    import('../interruption.ts'),
  ]);
  using interrupted = interruption();
  const { signal } = interrupted;
  const { manifests, problems, evidence } = await compilePrograms(entries, { ...compileOptions, signal });
  if (!manifests) throw new Exit(1);
  const objects = manifests.map(({ object }) => object);
  const files = render(objects, form, format);
  await writeRendered(files, output, form);
  if (!cache || problems.some(({ severity }) => severity !== 'info')) return;
  const found = evidence?.();
  if (found) cache.put(found, files);
}

async function watch(entries: readonly string[], options: Options, compileOptions: CompileOptions): Promise<void> {
  const [{ CompileSession }, { watchSources }, { interruption }, { compilePrograms }] = await Promise.all([
    import('../../compiler/session.ts'),
    import('../up/watch-sources.ts'),
    import('../interruption.ts'),
    import('../sources.ts'),
  ]);
  using interrupted = interruption();
  await using session = new CompileSession();
  let written: string | undefined;
  await watchSources(entries, interrupted.signal, async () => {
    // With an error in it, the program is waited for all the same: the next change may mend it.
    const { manifests, inputs } = await compilePrograms(entries, compileOptions, session);
    if (!manifests) return inputs;
    // What is written may lie in the watched folder, where writing it again would be the next change.
    const content = JSON.stringify(manifests.map(({ object }) => object));
    if (content !== written) await write(manifests, options);
    written = content;
    return inputs;
  });
}

export function configure(command: Command): void {
  command
    .argument('<entry...>', 'TypeScript programs')
    .option('-o, --output <path>', 'folder (one file per object), file, or - for the standard output', '-')
    .option('--format <format>', 'yaml or json; without it, what the name of the output file says, else yaml')
    .option('--env <name>', 'environment handed to the program')
    .option('--set <key=value>', 'value handed to the program', collect, [])
    .option('--type-check', 'refuse programs with type errors (default where CI is set)')
    .option('--no-type-check', 'do not check types')
    .option('--no-cache', 'run the programs even when nothing has changed since they were built last')
    .option('--watch', 'build again whenever a source file changes')
    .action(build);
}

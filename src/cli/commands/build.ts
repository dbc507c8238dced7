/** `kubewright build`: programs -> one ordered stream, one file, or one file per object. */
import type { Command } from 'commander';
import type { CompileOptions } from '../../compiler/index.ts';
import type { CompileSession } from '../../compiler/session.ts';
import { Exit, usageError } from '../command.ts';
import { compilePrograms } from '../sources.ts';
import { writeManifests } from '../manifest-files.ts';

interface Options {
  readonly output: string;
  readonly format: 'yaml' | 'json';
  readonly env?: string;
  readonly set: readonly string[];
  readonly typeCheck?: boolean;
  readonly watch?: boolean;
}

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

async function build(entries: readonly string[], options: Options): Promise<void> {
  if (options.format !== 'yaml' && options.format !== 'json')
    throw usageError(`--format is yaml or json, not ${options.format}`);
  const compileOptions: CompileOptions = {
    ...(options.env === undefined ? {} : { env: options.env }),
    set: parseSet(options.set),
    typeCheck: options.typeCheck ?? (process.env['CI'] !== undefined && process.env['CI'] !== ''),
  };
  let written: string | undefined;
  const once = async (session?: CompileSession): Promise<boolean> => {
    const manifests = await compilePrograms(entries, compileOptions, session);
    if (manifests === undefined) return false;
    // What is written may lie in the watched folder, where writing it again would be the next change.
    const content = session && JSON.stringify(manifests.map(({ object }) => object));
    if (content === undefined || content !== written) await writeManifests(manifests, options.output, options.format);
    written = content;
    return true;
  };
  if (options.watch !== true) {
    if (!(await once())) throw new Exit(1);
    return;
  }
  const [{ CompileSession }, { watchSources }, { interruption }] = await Promise.all([
    import('../../compiler/session.ts'),
    import('../up/watch-sources.ts'),
    import('../interruption.ts'),
  ]);
  using interrupted = interruption();
  await using session = new CompileSession();
  // With an error in it, the program is waited for all the same: the next change may mend it.
  await watchSources(
    entries,
    interrupted.signal,
    async () => {
      await once(session);
    },
    { initially: true },
  );
}

export function configure(command: Command): void {
  command
    .argument('<entry...>', 'TypeScript programs')
    .option('-o, --output <path>', 'folder (one file per object), file, or - for the standard output', '-')
    .option('--format <format>', 'yaml or json', 'yaml')
    .option('--env <name>', 'environment handed to the program')
    .option('--set <key=value>', 'value handed to the program', collect, [])
    .option('--type-check', 'refuse programs with type errors (default where CI is set)')
    .option('--no-type-check', 'do not check types')
    .option('--watch', 'build again whenever a source file changes')
    .action(build);
}

/** `kubewright lint`: programs, YAML and JSON through the one rule engine. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Severity } from '../../compiler/check.ts';
import { Exit, usageError } from '../command.ts';
import { interruption } from '../interruption.ts';
import { isGlob } from '../glob.ts';
import { formats } from '../lint/formats.ts';
import { runLint } from '../lint/run.ts';
import type { Run, RunOptions } from '../lint/run.ts';

interface Options {
  readonly format: string;
  readonly output?: string;
  readonly kubernetesVersion: string;
  readonly failOn: string;
  readonly strictCoverage?: boolean;
  readonly fix?: boolean;
  readonly watch?: boolean;
  readonly config?: string;
  readonly baseline?: string;
  readonly updateBaseline?: boolean;
}

const supportedVersion = '1.36';
const ranks: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };
const thresholds: ReadonlyMap<string, number> = new Map([...Object.entries(ranks), ['never', 4]]);

async function print(text: string, output: string | undefined): Promise<void> {
  if (output === undefined || output === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(output, text);
  } catch (error) {
    throw usageError(`--output ${output}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function lint(words: readonly string[], options: Options): Promise<void> {
  const { format, output, kubernetesVersion, failOn, strictCoverage = false } = options;
  const formatted = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (!formatted) throw usageError(`--format is one of ${Object.keys(formats).join(', ')}, not ${format}`);
  const threshold = thresholds.get(failOn);
  if (threshold === undefined)
    throw usageError(`--fail-on is one of ${[...thresholds.keys()].join(', ')}, not ${failOn}`);
  if (kubernetesVersion.replace(/^v/, '') !== supportedVersion)
    throw usageError(`Kubernetes ${kubernetesVersion} is not supported; supported is ${supportedVersion}`);
  const { fix = false, watch = false, config, baseline, updateBaseline = false } = options;
  const runOptions: RunOptions = {
    fix,
    updateBaseline,
    showFixes: format === 'json' || format === 'sarif',
    ...(config === undefined ? {} : { config }),
    ...(baseline === undefined ? {} : { baseline }),
  };
  const once = async (): Promise<Run> => {
    const run = await runLint(words, runOptions);
    await print(formatted(run.report), output);
    if (run.fixed > 0)
      process.stderr.write(`${run.fixed === 1 ? '1 finding was' : `${run.fixed} findings were`} fixed\n`);
    return run;
  };
  const { report, unchecked } = await once();
  if (watch) {
    using interrupted = interruption();
    const { watchSources } = await import('../up/watch-sources.ts');
    const named = words.filter((word) => word !== '-' && !isGlob(word));
    await watchSources(named.length > 0 ? named : ['.'], interrupted.signal, async () => {
      await once();
    });
    return;
  }
  if (report.findings.some(({ severity }) => ranks[severity] >= threshold)) throw new Exit(1);
  if (strictCoverage && unchecked > 0) {
    const objects = unchecked === 1 ? '1 object' : `${unchecked} objects`;
    throw new Exit(3, `${objects} could not be checked, which --strict-coverage does not allow`);
  }
}

export function configure(command: Command): void {
  command
    .argument('<path...>', 'programs (.ts), YAML and JSON files, folders, globs, or - for the standard input')
    .option('--format <format>', Object.keys(formats).join(', '), 'text')
    .option('--output <file>', 'file to write the report to instead of the standard output')
    .option('--kubernetes-version <version>', 'version whose rules apply', supportedVersion)
    .option('--fail-on <severity>', 'error, warning, info or never: from where on the exit code is 1', 'error')
    .option('--fix', 'make the changes that are certain, then report what is left')
    .option('--watch', 'lint again whenever a file changes')
    .option('--config <file>', 'configuration instead of the kubewright.config.ts of this folder or of one above')
    .option('--baseline <file>', 'what this file holds is not told again')
    .option('--update-baseline', 'write all findings into the baseline')
    .option('--strict-coverage', 'exit code 3 when an object could not be checked')
    .action(lint);
}

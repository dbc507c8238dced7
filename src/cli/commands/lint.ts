/** `kubewright lint`: programs, YAML and JSON through the one rule engine. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Severity } from '../../compiler/check.ts';
import { targetMinor, targetVersions } from '../../lint/target-version.ts';
import { Exit, usageError } from '../command.ts';
import { interruption } from '../interruption.ts';
import { isGlob } from '../glob.ts';
import { formats } from '../lint/formats.ts';
import { Destinations, writeReports } from '../lint/reports.ts';
import { runLint } from '../lint/run.ts';
import type { Run, RunOptions } from '../lint/run.ts';

interface Options {
  readonly kubernetesVersion?: string;
  readonly failOn: string;
  readonly strictCoverage?: boolean;
  readonly fix?: boolean;
  readonly watch?: boolean;
  readonly config?: string;
  readonly baseline?: string;
  readonly updateBaseline?: boolean;
  readonly base?: string;
}

const ranks: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };
const thresholds: ReadonlyMap<string, number> = new Map([...Object.entries(ranks), ['never', 4]]);

function runOptions(options: Options, shown: ReadonlySet<string>): RunOptions {
  const { kubernetesVersion, config, baseline, base, fix = false, updateBaseline = false } = options;
  if (kubernetesVersion !== undefined && targetMinor(kubernetesVersion) === undefined) {
    const known = targetVersions.join(', ');
    throw usageError(`Kubernetes ${kubernetesVersion} is not supported; supported are ${known}`);
  }
  return {
    fix,
    updateBaseline,
    showFixes: shown.has('json') || shown.has('sarif'),
    showSuppressed: shown.has('sarif'),
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    ...(config === undefined ? {} : { config }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(base === undefined ? {} : { base }),
  };
}

/** Every round is a whole run; the first one begins when every later change is noticed already. */
async function watch(words: readonly string[], once: () => Promise<Run>): Promise<void> {
  using interrupted = interruption();
  const { watchSources } = await import('../up/watch-sources.ts');
  const named = words.filter((word) => word !== '-' && !isGlob(word));
  await watchSources(named.length > 0 ? named : ['.'], interrupted.signal, async () => {
    const { inputs } = await once();
    return inputs.map((input) => resolve(input));
  });
}

async function lint(words: readonly string[], options: Options, places: Destinations): Promise<void> {
  const { failOn, strictCoverage = false } = options;
  const destinations = places.all();
  const threshold = thresholds.get(failOn);
  if (threshold === undefined)
    throw usageError(`--fail-on is one of ${[...thresholds.keys()].join(', ')}, not ${failOn}`);
  const settings = runOptions(options, new Set(destinations.map(({ format }) => format)));
  const once = async (): Promise<Run> => {
    const run = await runLint(words, settings);
    await writeReports(run.report, destinations);
    if (run.fixed > 0)
      process.stderr.write(`${run.fixed === 1 ? '1 finding was' : `${run.fixed} findings were`} fixed\n`);
    return run;
  };
  if (options.watch === true) return watch(words, once);
  const { report, unchecked } = await once();
  if (report.findings.some(({ severity }) => ranks[severity] >= threshold)) throw new Exit(1);
  if (strictCoverage && unchecked > 0) {
    const objects = unchecked === 1 ? '1 object' : `${unchecked} objects`;
    throw new Exit(3, `${objects} could not be checked, which --strict-coverage does not allow`);
  }
}

export function configure(command: Command): void {
  const destinations = new Destinations();
  command
    .argument('<path...>', 'programs (.ts), YAML and JSON files, folders, globs, or - for the standard input')
    .option(
      '--format <format>',
      `${Object.keys(formats).join(', ')} (default: text); may be given several times`,
      (value) => destinations.addFormat(value),
    )
    .option(
      '--output <file>',
      'file to write the report of the --format beside it to instead of the standard output',
      (value) => destinations.addOutput(value),
    )
    .option('--kubernetes-version <version>', `version that is deployed to: ${targetVersions.join(', ')}`)
    .option('--fail-on <severity>', 'error, warning, info or never: from where on the exit code is 1', 'error')
    .option('--fix', 'make the changes that are certain, then report what is left')
    .option('--watch', 'lint again whenever a file changes')
    .option('--config <file>', 'configuration instead of the kubewright.config.ts of this folder or of one above')
    .option('--base <commit>', 'tell what the API server would refuse to change since this commit of git')
    .option('--baseline <file>', 'what this file holds is not told again')
    .option('--update-baseline', 'write all findings into the baseline')
    .option('--strict-coverage', 'exit code 3 when an object could not be checked')
    .action((words: readonly string[], options: Options) => lint(words, options, destinations));
}

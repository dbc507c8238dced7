/** `kubewright lint`: programs, YAML and JSON through the rules of the API server. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Severity } from '../../compiler/check.ts';
import { Exit, usageError } from '../command.ts';
import { findingOf, summaryOf } from '../lint/finding.ts';
import type { LintFinding, LintReport } from '../lint/finding.ts';
import { formats } from '../lint/formats.ts';
import { sourceFiles } from '../source-files.ts';
import { checkSources } from '../sources.ts';

interface Options {
  readonly format: string;
  readonly output?: string;
  readonly kubernetesVersion: string;
  readonly failOn: string;
  readonly strictCoverage?: boolean;
}

const supportedVersion = '1.36';
const ranks: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };
const thresholds: ReadonlyMap<string, number> = new Map([...Object.entries(ranks), ['never', 4]]);

/** Files in the order of the command line stay together; inside each, findings go from top to bottom. */
function inOrder(findings: readonly LintFinding[]): readonly LintFinding[] {
  const files = [...new Set(findings.map(({ file }) => file))];
  const rank = new Map(files.map((file, index) => [file, index]));
  return [...findings].sort(
    (a, b) => (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) || a.line - b.line || a.column - b.column,
  );
}

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
  const { problems, coverage } = await checkSources(await sourceFiles(words), {});
  const findings = inOrder(problems.map(findingOf));
  const report: LintReport = { findings, summary: summaryOf(findings, coverage) };
  await print(formatted(report), output);
  if (findings.some(({ severity }) => ranks[severity] >= threshold)) throw new Exit(1);
  if (strictCoverage && coverage.unchecked > 0) {
    const objects = coverage.unchecked === 1 ? '1 object' : `${coverage.unchecked} objects`;
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
    .option('--strict-coverage', 'exit code 3 when an object could not be checked')
    .action(lint);
}

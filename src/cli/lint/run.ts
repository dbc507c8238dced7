/** One run of the rules over what the command line names. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Baseline } from '../../lint/baseline.ts';
import { baselineText, beyondBaseline, readBaseline } from '../../lint/baseline.ts';
import { ConfigError } from '../../lint/config.ts';
import type { LintConfig } from '../../lint/config.ts';
import type { Diagnostic } from '../../lint/diagnostics.ts';
import { applyEdits } from '../../lint/fixes.ts';
import { Workspace } from '../../lint/workspace.ts';
import { usageError } from '../command.ts';
import { sourceFiles } from '../source-files.ts';
import { findingOf, findingOfDiagnostic, summaryOf } from './finding.ts';
import type { LintFinding, LintReport } from './finding.ts';
import { Loader } from './load.ts';
import type { Loaded } from './load.ts';

export interface RunOptions {
  readonly fix: boolean;
  /** Path of the configuration; without, it is looked for in the working folder and above. */
  readonly config?: string;
  readonly baseline?: string;
  /** Commit whose objects are taken to be those of the cluster. */
  readonly base?: string;
  /** Instead of the version that the configuration names. */
  readonly kubernetesVersion?: string;
  readonly updateBaseline: boolean;
  /** Whether the report shows fixes. */
  readonly showFixes: boolean;
  /** Whether it shows what was silenced. */
  readonly showSuppressed: boolean;
}

export interface Run {
  readonly report: LintReport;
  readonly unchecked: number;
  readonly inputs: readonly string[];
  readonly fixed: number;
}

/** Files in the order of the command line stay together; inside each, findings go from top to bottom. */
function inOrder(findings: readonly LintFinding[], files: readonly string[]): readonly LintFinding[] {
  const all = [...new Set([...files, ...findings.map(({ file }) => file)])];
  const rank = new Map(all.map((file, index) => [file, index]));
  return [...findings].sort(
    (a, b) => (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) || a.line - b.line || a.column - b.column,
  );
}

interface Configuration {
  /** Undefined where there is none. */
  readonly file: string | undefined;
  readonly config: LintConfig;
}

async function configuration({ config: path, kubernetesVersion }: RunOptions): Promise<Configuration> {
  const { findConfigFile, loadConfigFile } = await import('../../lint/config-file.ts');
  const file = path ?? findConfigFile(process.cwd());
  const own = file === undefined ? {} : await loadConfigFile(file);
  return { file, config: kubernetesVersion === undefined ? own : { ...own, kubernetesVersion } };
}

/** What the form of a configuration does not show, names of rules and their expressions, shows here. */
function newWorkspace({ file, config }: Configuration): Workspace {
  try {
    return new Workspace({ config });
  } catch (error) {
    if (error instanceof ConfigError && file !== undefined) throw new ConfigError(`${file}: ${error.message}`);
    throw error;
  }
}

/** Rounds of fixing: what one fix makes possible another may need. */
const mostRounds = 10;

async function writeFixed(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw usageError(`--fix: ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Applies what is certain; answers how many. The files are written, and the workspace holds their new texts. */
async function fixFiles(workspace: Workspace, files: readonly string[]): Promise<number> {
  let fixed = 0;
  for (const file of files) {
    const before = workspace.file(file)?.text;
    if (before === undefined || file === '-') continue;
    let text = before;
    for (let round = 0; round < mostRounds; round += 1) {
      const groups = workspace.diagnostics(file).flatMap(({ fix }) => {
        const edits = fix?.suggestion === false ? fix.edits() : undefined;
        return edits ? [edits] : [];
      });
      if (groups.length === 0) break;
      const result = applyEdits(text, groups);
      text = result.text;
      fixed += result.applied;
      workspace.setFile(file, text);
    }
    if (text !== before) await writeFixed(file, text);
  }
  return fixed;
}

async function loadBaseline(path: string): Promise<Baseline> {
  try {
    return readBaseline(await readFile(path, 'utf8'));
  } catch (error) {
    throw usageError(`the baseline ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function writeBaseline(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw usageError(
      `the baseline ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** What is told of the diagnostics. */
async function kept(
  diagnostics: readonly Diagnostic[],
  baseline: string | undefined,
  update: boolean,
): Promise<readonly Diagnostic[]> {
  if (baseline === undefined) {
    if (update) throw usageError('--update-baseline needs --baseline, or a baseline in the configuration');
    return diagnostics;
  }
  if (update) {
    await writeBaseline(baseline, baselineText(diagnostics));
    return [];
  }
  return beyondBaseline(diagnostics, await loadBaseline(baseline));
}

interface Told {
  readonly told: readonly Diagnostic[];
  readonly inBaseline: readonly Diagnostic[];
  readonly silenced: readonly Diagnostic[];
}

function reportOf({ told, inBaseline, silenced }: Told, loaded: Loaded, withFixes: boolean): LintReport {
  const finding = (one: Diagnostic): LintFinding => findingOfDiagnostic(one, withFixes);
  const findings = inOrder([...loaded.problems.map(findingOf), ...told.map(finding)], loaded.files);
  const held = inBaseline.map((one): LintFinding => ({ ...finding(one), suppression: { by: 'baseline' } }));
  const suppressed = inOrder([...silenced.map(finding), ...held], loaded.files);
  return {
    findings,
    suppressed,
    summary: summaryOf(findings, { objects: loaded.objects, unchecked: loaded.unchecked }),
  };
}

/** @throws Exit with code 2 for words that lead nowhere and configurations with mistakes */
export async function runLint(words: readonly string[], options: RunOptions): Promise<Run> {
  try {
    const found = await configuration(options);
    const { config } = found;
    const workspace = newWorkspace(found);
    const sources = (await sourceFiles(words)).filter(({ path }) => !workspace.settings.ignores(path));
    const loaded = await new Loader(workspace).load(sources);
    const { base = config.base } = options;
    if (base !== undefined) {
      const { gitBase } = await import('./git-base.ts');
      workspace.setBase(await gitBase(base, workspace));
    }
    const fixed = options.fix ? await fixFiles(workspace, loaded.files) : 0;
    const diagnostics = loaded.files.flatMap((file) => workspace.diagnostics(file));
    const told = await kept(diagnostics, options.baseline ?? config.baseline, options.updateBaseline);
    const still = new Set(told);
    const inBaseline = diagnostics.filter((one) => !still.has(one));
    const silenced = options.showSuppressed ? loaded.files.flatMap((file) => workspace.suppressed(file)) : [];
    const report = reportOf({ told, inBaseline, silenced }, loaded, options.showFixes);
    const inputs = found.file === undefined ? loaded.inputs : [...loaded.inputs, found.file];
    return { report, unchecked: loaded.unchecked, inputs, fixed };
  } catch (error) {
    if (error instanceof ConfigError) throw usageError(error.message);
    throw error;
  }
}

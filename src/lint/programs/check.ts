/** Runs programs and the rules over what they make, for whoever looks at their sources. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkCandidate, isCandidate } from '../../compiler/check.ts';
import { evaluateAndCheckTypes } from '../../compiler/evaluate.ts';
import type { Evaluated } from '../../compiler/evaluate.ts';
import { titleOf } from '../../compiler/manifest-set.ts';
import { callersOf, fieldPlace } from '../../compiler/place.ts';
import type { CompileProblem, SourcePlace } from '../../compiler/problem.ts';
import type { Trace } from '../../compiler/provenance.ts';
import { CompileSession } from '../../compiler/session.ts';
import { SourceIndex } from '../../compiler/source-index.ts';
import { pathText } from '../../types/field-issue.ts';
import type { FieldPath } from '../../types/field-issue.ts';
import { writeYaml } from '../../types/yaml/write.ts';
import { findConfigFile, loadConfigFile } from '../config-file.ts';
import { ConfigError } from '../config.ts';
import type { LintConfig } from '../config.ts';
import type { PlacedRange } from '../diagnostics.ts';
import { ruleName } from '../entry.ts';
import { Workspace } from '../workspace.ts';
import type { MadeObject } from '../workspace.ts';
import { ProgramEntries, packageRoot } from './entries.ts';
import type {
  ProgramAnswer,
  ProgramFinding,
  ProgramObject,
  ProgramReport,
  ProgramRequest,
  ProgramSpan,
} from './report.ts';

const memoryMegabytes = 512;

/** One object with the calls that led to it. */
interface Made {
  readonly title: string;
  readonly trace: Trace;
  readonly made: MadeObject;
  readonly yaml: string;
}

function spanOf({ file, line, column, endLine, endColumn }: SourcePlace): ProgramSpan {
  return { file: resolve(file), line, column, endLine: endLine ?? line, endColumn: endColumn ?? column };
}

/** What the editor's own TypeScript says too. */
function isSaidElsewhere({ code }: CompileProblem): boolean {
  return code === 'syntax' || code === 'import' || code === 'type';
}

function findingOf(problem: CompileProblem, entry: string): ProgramFinding {
  const { severity, layer, code, message, place, calledFrom = [], object, path } = problem;
  const parts = [object, path === '' ? undefined : path, message].filter((part) => part !== undefined);
  return {
    ...spanOf(place ?? { file: entry, line: 1, column: 1 }),
    severity,
    layer,
    rule: ruleName(code),
    message: parts.join(': '),
    callers: calledFrom.map(spanOf),
  };
}

export class ProgramCheck implements AsyncDisposable {
  #unsaved: Readonly<Record<string, string>> = {};
  readonly #read = (file: string): string | undefined =>
    Object.hasOwn(this.#unsaved, file) ? this.#unsaved[file] : undefined;
  readonly #session = new CompileSession(this.#read);
  readonly #entries = new ProgramEntries(this.#read);
  #config: { readonly file: string; readonly stamp: number; readonly config: LintConfig } | undefined;

  /** Everything that is known of the programs that the files belong to. */
  async check({ files, unsaved, timeLimit }: ProgramRequest): Promise<ProgramAnswer> {
    this.#unsaved = unsaved;
    const entries = new Set(files.flatMap((file) => this.#entries.of(file)));
    const reports: ProgramReport[] = [];
    for (const entry of entries) reports.push(await this.#report(entry, timeLimit));
    return { reports };
  }

  async #report(entry: string, time: number): Promise<ProgramReport> {
    const options = { limits: { time, memoryMegabytes } };
    const evaluation = await evaluateAndCheckTypes(entry, options, this.#session);
    if ('problems' in evaluation) {
      const findings = evaluation.problems
        .filter((problem) => !isSaidElsewhere(problem))
        .map((problem) => findingOf(problem, entry));
      return { entry, inputs: [entry], findings, objects: undefined };
    }
    return this.#judge(evaluation.evaluated, entry);
  }

  async #judge(evaluated: Evaluated, entry: string): Promise<ProgramReport> {
    const index = new SourceIndex(this.#read);
    const { workspace, problem } = await this.#workspace(entry);
    const all = evaluated.objects.map(({ value, frames, place }): Made => {
      if (!isCandidate(value)) throw new Error('the evaluator collected what is no object of the API');
      const checked = checkCandidate(value, workspace.registry);
      const trace = evaluated.provenance.traceOf(frames);
      const range = (path: FieldPath): PlacedRange => rangeOf(fieldPlace({ entry, trace, place }, path, index));
      return {
        title: titleOf(checked.object),
        trace,
        made: { checked, place: range, complete: true },
        yaml: writeYaml(value),
      };
    });
    workspace.setObjects(
      entry,
      all.map(({ made }) => made),
    );
    const byTitle = new Map(all.map(({ title, trace }) => [title, trace]));
    const findings = workspace.diagnostics(entry).map((found): ProgramFinding => {
      const { file, range, severity, layer, rule, message, object, fieldPath } = found;
      const path = pathText(fieldPath);
      const trace = object === undefined ? undefined : byTitle.get(object);
      const parts = [object, path === '' ? undefined : path, message].filter((part) => part !== undefined);
      const { start, end } = range;
      return {
        ...spanOf({ file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column }),
        severity,
        layer,
        rule,
        message: parts.join(': '),
        callers: trace ? callersOf(trace.frames).map(spanOf) : [],
      };
    });
    return {
      entry,
      inputs: evaluated.inputs.map((input) => resolve(input)),
      findings: [...(problem ? [problem] : []), ...findings],
      objects: all.map((one) => objectOf(one, index)),
    };
  }

  /** With the rules that hold for the program; a configuration with a mistake is told, and the usual ones hold. */
  async #workspace(entry: string): Promise<{ readonly workspace: Workspace; readonly problem?: ProgramFinding }> {
    try {
      return { workspace: new Workspace({ config: await this.#configFor(packageRoot(entry)) }) };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const { message } = error;
      const problem: CompileProblem = { severity: 'warning', layer: 'identity', code: 'configuration', message };
      return { workspace: new Workspace(), problem: findingOf(problem, entry) };
    }
  }

  async #configFor(folder: string): Promise<LintConfig> {
    const file = findConfigFile(folder);
    if (file === undefined) return {};
    const stamp = statSync(file).mtimeMs;
    if (this.#config?.file !== file || this.#config.stamp !== stamp)
      this.#config = { file, stamp, config: await loadConfigFile(file) };
    return this.#config.config;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

function rangeOf({ file, line, column, endLine = line, endColumn = column }: SourcePlace): PlacedRange {
  return { file, start: { line, column, offset: 0 }, end: { line: endLine, column: endColumn, offset: 0 } };
}

function objectOf({ title, yaml, trace }: Made, index: SourceIndex): ProgramObject {
  const names = trace.frames.flatMap((frame) =>
    index.namesOf(frame.file, frame).map((place) => spanOf({ ...place, file: frame.file })),
  );
  return { title, yaml, names };
}

/** What a vitest run reported, and what it comes to when its failed files have run once more. */
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** The part that is read of vitest's JSON reporter. */
export interface Report {
  readonly testResults?: readonly FileResult[];
}
export interface FileResult {
  /** Absolute path. */
  readonly name: string;
  readonly status: string;
  /** Why the file itself failed. */
  readonly message?: string;
  readonly assertionResults: readonly TestResult[];
}
interface TestResult {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
  readonly failureMessages?: readonly string[];
}

/** One run of a suite; a runner that died left no report. */
export interface Attempt {
  readonly succeeded: boolean;
  readonly report?: Report;
}

/** A test that failed, by its file and full name, or a whole file, or the runner. */
export interface Failure {
  readonly where: string;
  readonly message: string;
}
export interface Outcome {
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** What passed in one attempt and failed in another, with the message of the failure. */
  readonly unsteady: readonly Failure[];
}

/** More files than this are no unsteadiness, and running them again would only take time. */
const MOST_FILES_AGAIN = 12;

/** Files to run again, relative to the root: undefined for none, empty for all, where no file is to blame. */
export function filesToRepeat(first: Attempt, root: string): readonly string[] | undefined {
  if (first.succeeded) return undefined;
  const failed = (first.report?.testResults ?? []).filter(({ status }) => status === 'failed');
  return failed.length > MOST_FILES_AGAIN ? undefined : failed.map(({ name }) => relative(root, name));
}

/** What the attempts come to: a test has passed when it passed in one of them. */
export function outcomeOf(attempts: readonly Attempt[], root: string): Outcome {
  const seen = new Map<string, { passed: boolean; failure?: Failure }>();
  for (const { report } of attempts) {
    for (const file of report?.testResults ?? []) {
      for (const { key, passed, failure } of verdicts(file, root)) {
        const before = seen.get(key);
        const first = before?.failure ?? failure;
        seen.set(key, {
          passed: passed || (before?.passed ?? false),
          ...(first === undefined ? {} : { failure: first }),
        });
      }
    }
  }
  const all = [...seen.entries()];
  const failures = all.flatMap(([, { passed, failure }]) => (passed || failure === undefined ? [] : [failure]));
  const unsteady = all.flatMap(([, { passed, failure }]) => (passed && failure !== undefined ? [failure] : []));
  // A file by itself is no test, unless it fails.
  const passed = all.filter(([key, verdict]) => verdict.passed && !isFile(key)).length;
  const runner = attempts.map(runnerFailure);
  const last = runner.at(-1);
  if (last) return { passed, failures: [...failures, last], unsteady };
  return {
    passed,
    failures,
    unsteady: [...unsteady, ...runner.slice(0, 1).filter((failure) => failure !== undefined)],
  };
}

/** An error outside of any test, or a runner that died, is told by the exit code alone. */
function runnerFailure({ succeeded, report }: Attempt): Failure | undefined {
  if (succeeded || report?.testResults?.some(({ status }) => status === 'failed')) return undefined;
  const message = report ? 'An error outside of any test: look for "Unhandled Errors" above.' : 'It left no report.';
  return { where: 'the test runner', message };
}

interface Verdict {
  readonly key: string;
  readonly passed: boolean;
  readonly failure?: Failure;
}

const isFile = (key: string): boolean => !key.includes('\n');

function verdicts(file: FileResult, root: string): readonly Verdict[] {
  const path = relative(root, file.name);
  const times = new Map<string, number>();
  const tests = file.assertionResults
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map((test): Verdict => {
      const name = [...test.ancestorTitles, test.title].filter((title) => title !== '').join(' > ');
      // Two tests of one name are told apart by their order.
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      const key = `${path}\n${name}\n${time}`;
      if (test.status === 'passed') return { key, passed: true };
      const message = test.failureMessages?.join('\n') ?? '';
      return { key, passed: false, failure: { where: `${path} > ${name}`, message } };
    });
  // A file that could not be loaded, or whose hooks failed, fails without any failed test.
  const alone = file.status === 'failed' && !tests.some(({ passed }) => !passed);
  if (!alone) return [...tests, { key: path, passed: true }];
  return [...tests, { key: path, passed: false, failure: { where: path, message: file.message ?? '' } }];
}

const WIDTH = 300;
const MOST_LINES_EACH = 8;

/** Failures as lines for a terminal, at most `limit` of them: rather all the names than all of the messages. */
export function failureLines(mark: string, failures: readonly Failure[], limit: number): readonly string[] {
  const each = Math.min(MOST_LINES_EACH, Math.floor(limit / failures.length) - 1);
  if (each < 0) {
    const rest = `${mark}: and ${failures.length - limit + 1} more`;
    return [...failures.slice(0, limit - 1).map(({ where }) => `${mark}: ${where}`.slice(0, WIDTH)), rest];
  }
  return failures.flatMap(({ where, message }) => [
    `${mark}: ${where}`.slice(0, WIDTH),
    ...stripVTControlCharacters(message)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, each)
      .map((line) => `    ${line}`.slice(0, WIDTH)),
  ]);
}

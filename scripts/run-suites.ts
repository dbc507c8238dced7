/**
 * Runs checks and suites one after the other and prints one line of totals at the end. Arguments choose suites by name.
 * Files with failed tests run once more: what passes then is counted as passed, and named as unsteady before the totals.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failureLines, filesToRepeat, outcomeOf, type Attempt, type Outcome, type Report } from './suites/report.ts';

/** A command that counts as one test, or a project of vitest, whose tests count. */
type Suite =
  { readonly name: string; readonly command: readonly string[] } | { readonly name: string; readonly project: true };

const bin = (name: string): string => join('node_modules', '.bin', name);
const reports = join('node_modules', '.cache', 'kubewright', 'reports');
const project = (name: string): Suite => ({ name, project: true });

const suites: readonly Suite[] = [
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: [bin('eslint'), '.'] },
  { name: 'types', command: [bin('tsc'), '--noEmit', '-p', '.'] },
  { name: 'page types', command: [bin('tsc'), '--noEmit', '-p', 'src/dashboard/page'] },
  { name: 'docs', command: ['node', 'scripts/run.mjs', 'scripts/generate-docs.ts', '--check'] },
  project('unit'),
  project('docker'),
  project('e2e'),
];

function run(command: readonly string[]): Promise<boolean> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.once('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once('exit', (code) => resolve(code === 0));
  });
}

async function attempt(name: string, time: string, files: readonly string[]): Promise<Attempt> {
  const file = join(reports, `${name}${time}.json`);
  await rm(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const succeeded = await run([bin('vitest'), 'run', '--project', name, ...reporters, ...files]);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { succeeded };
  const report: Report = JSON.parse(text);
  return { succeeded, report };
}

async function outcome(suite: Suite): Promise<Outcome> {
  if ('command' in suite) {
    const succeeded = await run(suite.command);
    const failure = { where: suite.name, message: `${suite.command.join(' ')} failed: its own words are above.` };
    return { passed: succeeded ? 1 : 0, failures: succeeded ? [] : [failure], unsteady: [] };
  }
  const first = await attempt(suite.name, '', []);
  const again = filesToRepeat(first, process.cwd());
  if (!again) return outcomeOf([first], process.cwd());
  console.log(`\n== ${suite.name}: once more${again.map((file) => ` ${file}`).join('')}`);
  return outcomeOf([first, await attempt(suite.name, '-again', again)], process.cwd());
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`no suite is called ${unknown.join(', ')}; there are ${suites.map((suite) => suite.name).join(', ')}`);
  process.exit(2);
}
await mkdir(reports, { recursive: true });
const outcomes: Outcome[] = [];
for (const suite of suites) {
  if (chosen.length > 0 && !chosen.includes(suite.name)) continue;
  console.log(`\n== ${suite.name}`);
  const begun = performance.now();
  const result = await outcome(suite);
  outcomes.push(result);
  const took = `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  console.log(`== ${suite.name}: ${result.passed} passed, ${result.failures.length} failed in ${took}`);
}
// At the end, where they are seen even if only the last part of the output is kept.
const failures = outcomes.flatMap((result) => result.failures);
const unsteady = outcomes.flatMap((result) => result.unsteady);
const passed = outcomes.reduce((sum, result) => sum + result.passed, 0);
console.log('');
if (unsteady.length > 0) {
  console.log(`${unsteady.length} passed at one of two attempts only, which is a fault to be mended:`);
  for (const line of failureLines('unsteady', unsteady, failures.length > 0 ? 10 : 40)) console.log(line);
}
if (failures.length > 0) for (const line of failureLines('failed', failures, 40)) console.log(line);
process.exitCode = failures.length === 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failures.length} failed`);

/** Runs checks and suites one after the other and prints one line of totals at the end. Arguments choose suites by name. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /** A vitest project writes its counts to this file; any other command counts as one test. */
  readonly report?: string;
}
interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const bin = (name: string): string => join('node_modules', '.bin', name);
const reports = join('node_modules', '.cache', 'kubewright', 'reports');
const project = (name: string): Suite => ({
  name,
  command: [
    bin('vitest'),
    'run',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(reports, `${name}.json`)}`,
  ],
  report: join(reports, `${name}.json`),
});

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

async function countsOf(suite: Suite, succeeded: boolean): Promise<Counts> {
  if (suite.report === undefined) return succeeded ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const text = await readFile(suite.report, 'utf8').catch(() => '{}');
  const report: {
    readonly numPassedTests?: number;
    readonly numFailedTests?: number;
    readonly numFailedTestSuites?: number;
  } = JSON.parse(text);
  const failed = report.numFailedTests ?? 0;
  // A file that fails outside its tests, or a runner that dies, fails without any failed test.
  return { passed: report.numPassedTests ?? 0, failed: succeeded ? failed : Math.max(failed, 1) };
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`no suite is called ${unknown.join(', ')}; there are ${suites.map((suite) => suite.name).join(', ')}`);
  process.exit(2);
}
await mkdir(reports, { recursive: true });
let passed = 0;
let failed = 0;
for (const suite of suites) {
  if (chosen.length > 0 && !chosen.includes(suite.name)) continue;
  console.log(`\n== ${suite.name}`);
  if (suite.report !== undefined) await rm(suite.report, { force: true });
  const begun = performance.now();
  const counts = await countsOf(suite, await run(suite.command));
  passed += counts.passed;
  failed += counts.failed;
  console.log(
    `== ${suite.name}: ${counts.passed} passed, ${counts.failed} failed in ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
}
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed`);

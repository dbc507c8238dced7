/**
 * Who finds the mistakes of docs/mistakes.md: the same programs written with other packages, which are installed into a
 * temporary folder, then type-checked and run. Writes their columns of the table.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { isRecord } from '../src/shared/deep.ts';
import { mistakes } from '../test/types/mistakes/list.ts';
import { program } from '../test/types/mistakes/program.ts';
import { mistakesTable } from '../test/types/mistakes/table.ts';
import type { Found, RivalResults } from '../test/types/mistakes/table.ts';
import { report } from './support/figure.ts';
import { inDialect } from './support/plain-program.ts';
import { rivals } from './support/rivals.ts';
import type { Rival } from './support/rivals.ts';

const execute = promisify(execFile);
const programs = [program, ...mistakes.map(({ right, wrong }) => program.replace(right, () => wrong))];
const largestOutput = 1 << 26;

async function install(folder: string): Promise<void> {
  const wanted = rivals.flatMap(({ packages }) =>
    Object.entries(packages).map(([name, version]) => `${name}@${version}`),
  );
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await execute('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', ...wanted], {
    cwd: folder,
  });
}

/** The messages of the TypeScript compiler, program by program. */
function typeErrors(files: readonly string[]): readonly (readonly string[])[] {
  const checked = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  });
  return files.map((file) => {
    const source = checked.getSourceFile(file);
    const found = [...checked.getSyntacticDiagnostics(source), ...checked.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  });
}

/** What the package's own check says at run time, program by program. */
async function runErrors(folder: string, check: string, texts: readonly string[]): Promise<readonly string[]> {
  const scripts = texts.map((text, index) => {
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    return writeFile(join(folder, `run${index}.mjs`), outputText);
  });
  await Promise.all([...scripts, writeFile(join(folder, 'check.mjs'), check)]);
  const runner = `import check from './check.mjs';
const found = [];
for (let index = 0; index < ${texts.length}; index++)
  found.push(await import(\`./run\${index}.mjs\`).then(check).then(() => '', (error) => String(error) || 'error'));
process.stdout.write(JSON.stringify(found));
`;
  await writeFile(join(folder, 'runner.mjs'), runner);
  const { stdout } = await execute(process.execPath, ['runner.mjs'], { cwd: folder, maxBuffer: largestOutput });
  const found: unknown = JSON.parse(stdout);
  return Array.isArray(found) ? found.map(String) : [];
}

function verdict(types: boolean, run: boolean): Found {
  if (types) return run ? 'tsc, run' : 'tsc';
  return run ? 'run' : '–';
}

async function resultsOf(folder: string, rival: Rival): Promise<RivalResults> {
  const texts = programs.map((text) => inDialect(text, rival));
  const files = texts.map((_, index) => join(folder, `p${index}.ts`));
  await Promise.all(texts.map((text, index) => writeFile(files[index] ?? '', text)));
  const types = typeErrors(files);
  const run = rival.check === undefined ? [] : await runErrors(folder, rival.check, texts);
  const [first = []] = types;
  if (first.length > 0 || (run[0] ?? '') !== '')
    throw new Error(`${rival.title} refuses the program without a mistake: ${[...first, run[0]].join('\n')}`);
  const rows = mistakes.map(({ title }, index) => {
    const errors = types[index + 1] ?? [];
    const thrown = run[index + 1] ?? '';
    if (process.env['KUBEWRIGHT_BENCH_MESSAGES'] !== undefined)
      console.log(`${rival.title}: ${title}: ${[...errors, thrown].join(' / ')}`);
    return [title, verdict(errors.length > 0, thrown !== '')] as const;
  });
  return { title: rival.title, packages: rival.packages, rows: Object.fromEntries(rows) };
}

function versionOf(manifest: unknown): unknown {
  return isRecord(manifest) ? manifest['version'] : undefined;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-mistakes-'));
  try {
    await install(folder);
    const results: RivalResults[] = [];
    for (const rival of rivals) {
      for (const [name, version] of Object.entries(rival.packages)) {
        const manifest: unknown = JSON.parse(
          await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8'),
        );
        if (versionOf(manifest) !== version) throw new Error(`${name} ${version} was not installed`);
      }
      const result = await resultsOf(folder, rival);
      results.push(result);
      const value = Object.values(result.rows).filter((found) => found !== '–').length;
      const own = mistakes.filter(({ types, rule }) => types !== undefined || rule !== undefined).length;
      await report({
        name: `mistakes found by ${rival.title}, of ${mistakes.length} (floor: ours)`,
        value,
        unit: 'mistakes',
        floor: own,
        target: 'fewer than ours',
        met: value < own,
      });
    }
    const data = resolve('test/types/mistakes/rivals.json');
    await writeFile(data, await format(JSON.stringify(results), { ...(await resolveConfig(data)), parser: 'json' }));
    const table = resolve('docs/mistakes.md');
    const text = mistakesTable(mistakes, results);
    await writeFile(table, await format(text, { ...(await resolveConfig(table)), parser: 'markdown' }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();

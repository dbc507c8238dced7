import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Checker } from '../../src/compiler/check.ts';
import { compile } from '../../src/compiler/index.ts';
import type { CompileResult } from '../../src/compiler/index.ts';
import { builtInKinds } from '../../src/types/kinds/index.ts';
import { Registry } from '../../src/types/registry.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const map = "configMap({ metadata: { name: 'a' }, data: { v: value } })";

async function compiled(program: string, time = 20_000): Promise<CompileResult> {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'app.ts': program });
  const checker = (): Promise<Checker> => Promise.resolve(new Checker(new Registry(builtInKinds)));
  const options = { limits: { time, memoryMegabytes: 256 } };
  const [result] = await compile([join(folder, 'app.ts')], checker, options);
  if (!result) throw new Error('nothing was compiled');
  return result;
}

/** Line, column and message of each problem, and of who called. */
async function complaints(program: string, time?: number): Promise<readonly string[]> {
  const { set, problems } = await compiled(program, time);
  expect(set).toBeUndefined();
  return problems.map(
    ({ message, place, calledFrom = [] }) =>
      [place, ...calledFrom].map((at) => `${at?.line}:${at?.column}`).join(' < ') + ` ${message}`,
  );
}

describe('a program that does not end', () => {
  const late = 'the program did not finish within 2 s; is there an endless loop?';

  it.each([
    ['a loop in a helper', 'function spin(): void {\n  for (;;);\n}\nspin();', `2:3 < 4:1 ${late}`],
    [
      'microtasks',
      'const spin = (): void => queueMicrotask(spin);\nspin();\nawait new Promise(() => undefined);',
      /^[12]:\d+ the program did not/,
    ],
    [
      'a lock',
      'const lock = new Int32Array(new SharedArrayBuffer(4));\nAtomics.wait(lock, 0, 0);',
      /^[12]:\d+ the program did not/,
    ],
    ['an expression', "/(a+)+b/.test('a'.repeat(40));", /^1:\d+ the program did not/],
    ['timers', 'await new Promise(() => setInterval(() => 0, 1000));', `1:1 ${late}`],
    ['another program', "import { execSync } from 'node:child_process';\nexecSync('sleep 600');", `1:1 ${late}`],
  ])('is ended: %s', async (_, program, expected) => {
    const [line] = await complaints(`${program}\nexport default [];`, 2_000);
    if (typeof expected === 'string') expect(line).toBe(expected);
    else expect(line).toMatch(expected);
  });
});

describe('a program that fills the memory', () => {
  it.each([
    ['large arrays', 'const a: unknown[] = []; for (;;) a.push(new Array(1e6).fill(0.5));'],
    ['small objects', 'const a: unknown[] = []; for (;;) a.push({ x: [1, 2, 3] });'],
  ])('is ended: %s', async (_, program) => {
    // Collecting garbage is slow: on a busy machine it takes longer than programs usually have.
    const [line] = await complaints(`\n\n${program}`, 200_000);
    expect(line).toMatch(/^3:\d+ the program needed more than 256 MB of memory$/);
  });
});

describe('a single step that V8 can neither interrupt nor refuse', () => {
  const tooLarge = /the program needed more than 256 MB of memory/;

  it.each([
    ['an array', 'new Array(4e8).fill(0);', /^1:1 /],
    ['a text', "'a,'.repeat(2.6e8).split(',');", /^1:1 /],
  ])('ends with a complaint, not with the compiler: %s', async (_, program, place) => {
    const [line] = await complaints(`${program}\nexport default [];`);
    expect(line).toMatch(tooLarge);
    expect(line).toMatch(place);
  });

  it('ends in time', async () => {
    const [line] = await complaints(
      'const list: number[] = [];\nlist[4e9] = 1;\nlist.sort();\nexport default [];',
      3_000,
    );
    expect(line).toBe('1:1 the program did not finish within 3 s; is there an endless loop?');
  });

  it('keeps what a program gives and says', async () => {
    const { set, problems } = await compiled(`import { configMap } from 'kubewright';
const value = String(Buffer.alloc(2 ** 20).length);
export default ${map};`);
    expect(problems).toEqual([]);
    expect(set?.manifests.map(({ object, place }) => [object, place([])?.line])).toEqual([
      [expect.objectContaining({ data: { v: '1048576' } }), 3],
    ]);
  });
});

/** What has ended may stay in the table of processes until somebody asks for its exit code. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

describe('what a program leaves running', () => {
  it('ends with it: threads, servers, timers, other programs', async () => {
    const { set, problems } = await compiled(`import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { Worker } from 'node:worker_threads';
import { configMap } from 'kubewright';
new Worker('setInterval(() => {}, 1000)', { eval: true });
createServer().listen(0, '127.0.0.1');
setInterval(() => {}, 1000);
const value = String(spawn('sleep', ['600'], { stdio: 'ignore' }).pid);
export default ${map};`);
    expect(problems).toEqual([]);
    const data: unknown = Reflect.get(set?.manifests[0]?.object ?? {}, 'data');
    const pid = Number(Reflect.get(Object(data), 'v'));
    expect(pid).toBeGreaterThan(0);
    expect(isRunning(pid)).toBe(false);
  });

  it('is named where it fails meanwhile', async () => {
    const wait = '\nawait new Promise(() => {});\nexport default [];';
    expect(await complaints(`setTimeout(() => {\n  throw new Error('late');\n}, 1);${wait}`)).toEqual(['2:9 late']);
    expect(await complaints(`setTimeout(() => process.exit(3), 1);${wait}`)).toEqual([
      '1:26 the program called process.exit(3)',
    ]);
  });
});

describe('what a program changes', () => {
  it('stays in its thread', async () => {
    const { problems } = await compiled(`import { configMap } from 'kubewright';
(Object.prototype as { spec?: object }).spec = { a: 1 };
process.exitCode = 7;
process.env['KUBEWRIGHT_TEST_LEAK'] = 'x';
const value = 'x';
export default ${map};`);
    expect(problems).toEqual([]);
    expect(process.exitCode).toBeUndefined();
    expect(process.env['KUBEWRIGHT_TEST_LEAK']).toBeUndefined();
    expect(Reflect.get({}, 'spec')).toBeUndefined();
  });
});

describe('undefined', () => {
  it('leaves optional fields out, and is a lost value everywhere else', async () => {
    const program = `import { configMap, deployment } from 'kubewright';
const [lost]: string[] = [];
export default [
  configMap({ metadata: { name: 'a', namespace: undefined, labels: { a: lost as string } }, data: { b: lost as string } }),
  deployment({ metadata: { name: 'b' }, spec: { replicas: undefined, wrong: undefined, template: { spec: { containers: [{ name: 'b', image: 'b' }] } } } } as never),
];`;
    expect(await complaints(program)).toEqual([
      '4:70 is undefined; give it a value, or leave the key out',
      '4:101 is undefined; give it a value, or leave the key out',
      '5:70 is undefined; give it a value, or leave the key out',
    ]);
  });

  it('of the whole export, or an export without objects, is refused', async () => {
    for (const [value, message] of [
      ['[]', 'the default export holds no object of the API'],
      ['{ a: null, b: [false] }', 'the default export holds no object of the API'],
      [
        '() => undefined',
        'the default export is undefined; expected an object of the API, or an array or record of them',
      ],
      ['class {}', /is a class/],
    ] as const) {
      const [line] = await complaints(`export default ${value};`);
      if (typeof message === 'string') expect(line?.slice(line.indexOf(' ') + 1)).toBe(message);
      else expect(line).toMatch(message);
    }
  });
});

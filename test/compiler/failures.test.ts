import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kubewright, messages, writeFiles } from '../support/built-cli.ts';
import type { Outcome } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function build(program: string, more: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'app.ts': program, ...more });
  return kubewright(folder, ['build', 'app.ts']);
}

async function complaints(program: string, more: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const outcome = await build(program, more);
  expect(outcome.code).toBe(1);
  expect(outcome.stdout).toBe('');
  return messages(outcome);
}

describe('a program that fails', () => {
  it('names the throw in a helper and the call in the loop', async () => {
    const program = [
      "import { configMap } from 'kubewright';",
      'function port(name: string): string {',
      "  if (name === 'b') throw new Error(`no port for ${name}`);",
      '  return name;',
      '}',
      'const made = [];',
      "for (const name of ['a', 'b']) made.push(configMap({ metadata: { name }, data: { port: port(name) } }));",
      'export default made;',
    ].join('\n');
    expect(await complaints(program)).toEqual(['app.ts:3:27: error: no port for b', '    called from app.ts:7:88']);
  });

  it('names a rejected promise', async () => {
    expect(await complaints("export default Promise.reject(new TypeError('later'));")).toEqual([
      'app.ts:1:31: error: TypeError: later',
    ]);
  });

  it('names a rejection that nothing waits for', async () => {
    const program = "void Promise.reject(new Error('floating'));\nexport default await new Promise(() => {});";
    expect(await complaints(program)).toEqual(['app.ts:1:21: error: floating']);
  });

  it('says that a promise is never settled', async () => {
    expect(await complaints('export default new Promise(() => {});')).toEqual([
      'app.ts:1:1: error: the program ended before its export was complete: it awaits a promise that nothing settles',
    ]);
  });

  it('prints what is thrown without being an error', async () => {
    expect(await complaints("throw 'text';")).toEqual(['app.ts:1:1: error: the program threw "text"']);
    expect(await complaints('throw null;')).toEqual(['app.ts:1:1: error: the program threw null']);
  });

  it('shows a recursion once', async () => {
    const lines = await complaints('function f(): void { f(); }\nf();\nexport default [];');
    expect(lines).toEqual(['app.ts:1:22: error: RangeError: Maximum call stack size exceeded']);
  });

  it('names imports that lead nowhere', async () => {
    const program = "import x from './nowhere.ts';\nimport y from 'not-there';\nexport default [x, y];";
    expect(await complaints(program)).toEqual([
      'app.ts:1:15: error: there is no file "./nowhere.ts" to import',
      'app.ts:2:15: error: there is no package "not-there" to import; "npm install not-there" would install it',
    ]);
  });

  it('names a syntax error', async () => {
    expect(await complaints('const a = {;\nexport default a;')).toEqual([
      'app.ts:1:12: error: Expected identifier but found ";"',
    ]);
  });

  it('asks for a default export', async () => {
    expect(await complaints('export const a = 1;')).toEqual([
      'app.ts:1:1: error: the program has no default export; write "export default [...]" with the objects to build',
    ]);
  });

  it('names the call of process.exit', async () => {
    expect(await complaints('process.exit(0);')).toEqual(['app.ts:1:9: error: the program called process.exit(0)']);
  });

  it.each([
    ['large arrays', 'const a: unknown[] = []; for (;;) a.push(new Array(1e6).fill(0.5));'],
    ['small objects', 'const a: unknown[] = []; for (;;) a.push({ x: [1, 2, 3] });'],
    ['buffers', 'const a: unknown[] = []; for (;;) a.push(Buffer.alloc(1e8, 1));'],
  ])('is ended where it fills the memory with %s', { timeout: 60_000 }, async (_, program) => {
    const [line = ''] = await complaints(`\n\n${program}`);
    expect(line).toMatch(/^app\.ts:3:\d+: error: the program needed more than 1024 MB of memory$/);
  });
});

describe('a tree with what no manifest can hold', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{ f() {} }', 'data.f: is a function (f), which has no place in a manifest'],
    ['{ d: new Date() }', 'data.d: is an instance of Date, which has no place in a manifest'],
    ['new Map()', 'data: is an instance of Map, which has no place in a manifest'],
    ['{ n: NaN }', 'data.n: is NaN, which neither JSON nor YAML for Kubernetes can hold'],
    ['{ b: 10n }', 'data.b: is a bigint, which has no place in a manifest'],
    ['{ s: Symbol() }', 'data.s: is a symbol, which has no place in a manifest'],
    ['{ l: [1, undefined] }', 'data.l[1]: is undefined'],
  ];
  it.each(cases)('refuses %s', async (value, message) => {
    const program = `import { raw } from 'kubewright';\nexport default raw({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: ${value} } as never);`;
    const [line = ''] = await complaints(program);
    expect(line.replace(/^app\.ts:2:\d+: error: /, '')).toBe(message);
    expect(Number(/^app\.ts:2:(\d+)/.exec(line)?.[1])).toBeGreaterThanOrEqual(84);
  });

  it('refuses an object that contains itself', async () => {
    const program =
      "const a: Record<string, unknown> = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };\na['data'] = a;\nexport default a;";
    expect(await complaints(program)).toEqual(['app.ts:3:16: error: data: is part of itself: the object is cyclic']);
  });

  it('refuses an export of something else', async () => {
    expect(await complaints('export default [[5], new Set(), new Promise(() => {})];')).toEqual([
      'app.ts:1:18: error: [0][0] of the default export is 5; expected an object of the API, or an array or record of them',
      'app.ts:1:22: error: [1] of the default export is an instance of Set; expected an object of the API, or an array or record of them',
      'app.ts:1:33: error: [2] of the default export is a promise that nothing awaited; expected an object of the API, or an array or record of them',
    ]);
  });
});

describe('an endless loop', () => {
  it('is ended, and leaves nothing behind', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'app.ts': 'for (;;);' });
    const { compile } = await import('../../src/compiler/index.ts');
    const { Checker } = await import('../../src/compiler/check.ts');
    const { Registry } = await import('../../src/types/registry.ts');
    const limits = { time: 300, memoryMegabytes: 64 };
    const [result] = await compile([`${folder}/app.ts`], () => Promise.resolve(new Checker(new Registry())), {
      limits,
    });
    expect(result?.set).toBeUndefined();
    expect(result?.problems.map(({ message }) => message)).toEqual([
      'the program did not finish within 0.3 s; is there an endless loop?',
    ]);
    expect(readdirSync(folder)).toEqual(['app.ts']);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cliFile, kubewright, messages, writeFiles } from '../support/built-cli.ts';
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

  it('names what a package fails at, and the import or call that led there', async () => {
    const files = (code: string) => ({
      'node_modules/dep/package.json': '{ "name": "dep", "main": "index.js" }',
      'node_modules/dep/index.js': code,
    });
    const program = "import { x } from 'dep';\nexport default x();";
    expect(await complaints(program, files("throw new Error('broken');"))).toEqual([
      'app.ts:1:19: error: broken (in node_modules/dep/index.js:1:7)',
    ]);
    expect(await complaints(program, files("exports.x = () => {\n  throw new Error('broken');\n};"))).toEqual([
      'app.ts:2:16: error: broken (in node_modules/dep/index.js:2:9)',
    ]);
  });

  it('names exports that modules do not have', async () => {
    const cases = [
      [
        "import { configMap, deploymnt } from 'kubewright';\nexport default deploymnt;",
        'app.ts:1:21: error: kubewright has no export "deploymnt"; did you mean deployment?',
      ],
      [
        "import { readFil } from 'node:fs';\nexport default readFil;",
        'app.ts:1:10: error: node:fs has no export "readFil"; did you mean readFile?',
      ],
      [
        "import { startCluster } from 'kubewright/runtime';\nexport default startCluster;",
        'app.ts:1:30: error: a program can import from "kubewright" and "kubewright/lint", not from "kubewright/runtime"',
      ],
    ] as const;
    for (const [program, line] of cases) expect(await complaints(program)).toEqual([line]);
  });

  it('says causes and parts of errors, and takes errors that are none', async () => {
    const cases = [
      [
        "throw new Error('outer', { cause: new TypeError('inner') });",
        ['app.ts:1:7: error: outer', '  caused by TypeError: inner'],
      ],
      [
        "throw new AggregateError([new Error('one'), 2], 'many');",
        ['app.ts:1:7: error: AggregateError: many', '  - one', '  - 2'],
      ],
      [
        'throw Object.assign(new Error(), { name: null, message: {}, stack: 5 });',
        ['app.ts:1:1: error: an error without a message was thrown'],
      ],
      [
        'const a = {}; throw Object.assign(a, { a });',
        ['app.ts:1:1: error: the program threw <ref *1> { a: [Circular *1] }'],
      ],
    ] as const;
    for (const [program, lines] of cases) expect(await complaints(program)).toEqual(lines);
  });

  it('names the call that would end the compiler', async () => {
    const [line] = await complaints("process.kill(process.pid, 'SIGKILL');");
    expect(line).toMatch(/^app\.ts:1:9: error: the program called process\.kill\(\d+\), which is the compiler itself$/);
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

  it('is ended where it fills the memory', async () => {
    const [line = ''] = await complaints('\n\nconst a: unknown[] = []; for (;;) a.push(Buffer.alloc(1e8, 1));');
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
    ['{ t: "\\ud800" }', 'data.t: is text with half a character in it (a lone surrogate)'],
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

  it('says what a record lacks to be an object', async () => {
    const cases = [
      ["{ apiVersion: 'v1', metadata: { name: 'a' } }", 'the default export has no kind'],
      ["{ kind: 'Secret', metadata: { name: 'a' } }", 'the default export has no apiVersion'],
      ["{ apiVersion: 'v1', kind: 5 }", 'the default export has 5 as its kind'],
    ] as const;
    for (const [value, lack] of cases)
      expect(await complaints(`export default ${value};`)).toEqual([
        `app.ts:1:16: error: ${lack}; an object of the API says its apiVersion and its kind`,
      ]);
  });

  it('refuses trees without end, keys that are symbols, and iterators', async () => {
    const endless = 'const more = (): object => ({ get x() { return more(); } });\n';
    expect(await complaints(`${endless}export default more();`)).toEqual([
      'app.ts:1:31: error: the default export is nested more than 200 levels deep',
    ]);
    const [symbol] = await complaints(
      "export default { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { [Symbol('s')]: 'x' } };",
    );
    expect(symbol).toContain('data: is an object with the key Symbol(s), which has no place in a manifest');
    expect(await complaints('export default function* () { yield 1; }')).toEqual([
      'app.ts:1:1: error: the default export is an iterator (write [...it] for what it gives); expected an object of the API, or an array or record of them',
    ]);
  });

  it('refuses an export of something else', async () => {
    expect(await complaints('export default [[5], new Set(), new Promise(() => {})];')).toEqual([
      'app.ts:1:18: error: [0][0] of the default export is 5; expected an object of the API, or an array or record of them',
      'app.ts:1:22: error: [1] of the default export is an instance of Set; expected an object of the API, or an array or record of them',
      'app.ts:1:33: error: [2] of the default export is a promise that nothing awaited; expected an object of the API, or an array or record of them',
    ]);
  });
});

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends a build: %s', async (signal) => {
    const folder = temporaryDirectory();
    const temporary = temporaryDirectory();
    writeFiles(folder, { 'app.ts': "console.log('running');\nfor (;;);" });
    const child = spawn(process.execPath, [cliFile, 'build', 'app.ts', '-o', 'out.yaml'], {
      cwd: folder,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = once(child, 'exit');
    await once(child.stderr, 'data');
    child.kill(signal);
    expect(await exited).toEqual([130, null]);
    expect([readdirSync(folder), readdirSync(temporary)]).toEqual([['app.ts'], []]);
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

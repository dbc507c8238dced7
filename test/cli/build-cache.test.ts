import {
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kubewright, writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const before = process.env['KUBEWRIGHT_HOME'];
let kept: string;
let folder: string;
beforeEach(() => {
  const home = temporaryDirectory();
  process.env['KUBEWRIGHT_HOME'] = home;
  kept = join(home, '.cache', 'builds');
  folder = temporaryDirectory();
});
afterEach(() => {
  if (before === undefined) delete process.env['KUBEWRIGHT_HOME'];
  else process.env['KUBEWRIGHT_HOME'] = before;
});

function program(value: string, head = ''): string {
  return `import { configMap, fromFile } from 'kubewright';\n${head}\nexport default (env: { name?: string; values: object }) => configMap({ metadata: { name: 'a' }, data: { v: ${value} } });\nvoid fromFile;\n`;
}

/** The files that results are kept in; another one, or one written anew, is another number. */
function results(): readonly number[] {
  try {
    return readdirSync(kept).map((name) => statSync(join(kept, name)).ino);
  } catch {
    return [];
  }
}

async function build(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubewright(folder, ['build', 'app.ts', ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Written, and built once. */
async function built(files: Readonly<Record<string, string>>): Promise<void> {
  writeFiles(folder, files);
  await build();
}

describe('building again', () => {
  it('takes the result of the last time, in private files', async () => {
    await built({ 'app.ts': program(`'x'`) });
    const [first] = results();
    expect(first).toBeDefined();
    expect(await build()).toBe(await build('--no-cache'));
    expect(results()).toEqual([first]);
    for (const name of readdirSync(kept)) expect(statSync(join(kept, name)).mode & 0o777).toBe(0o600);
    expect(statSync(kept).mode & 0o777).toBe(0o700);
  });

  it('takes folders and JSON for other results, and writes them alike', async () => {
    await built({ 'app.ts': program(`'x'`) });
    await build('-o', 'out');
    const [name = ''] = readdirSync(join(folder, 'out')).filter((file) => !file.startsWith('.'));
    const content = readFileSync(join(folder, 'out', name), 'utf8');
    rmSync(join(folder, 'out'), { recursive: true });
    await build('-o', 'out');
    expect(readFileSync(join(folder, 'out', name), 'utf8')).toBe(content);
    expect(JSON.parse(await build('--format', 'json'))).toMatchObject({ kind: 'ConfigMap' });
  });

  it.each([
    ['the program', {}, { 'app.ts': program(`'new'`) }],
    ['what it imports', { 'part.ts': `export const part = 'old';` }, { 'part.ts': `export const part = 'new';` }],
    [
      'a file that is preferred',
      { 'part.js': `export const part = 'old';` },
      { 'part.ts': `export const part = 'new';` },
    ],
    ['a file that was read', { 'note.txt': 'old' }, { 'note.txt': 'new' }],
  ] as const)('notices a change of %s', async (_, first: Readonly<Record<string, string>>, second) => {
    const names = Object.keys(first);
    const app = names.includes('note.txt')
      ? program(`fromFile('./note.txt')['note.txt']`)
      : names.length > 0
        ? program('part', `import { part } from './part';`)
        : program(`'old'`);
    await built({ 'app.ts': app, ...first });
    expect(await build()).toContain('v: old');
    writeFiles(folder, second);
    expect(await build()).toContain('v: new');
  });

  it('notices a change that keeps size and time', async () => {
    await built({ 'app.ts': program(`'old'`) });
    const { atime, mtime } = statSync(join(folder, 'app.ts'));
    writeFileSync(join(folder, 'app.ts'), program(`'new'`));
    utimesSync(join(folder, 'app.ts'), atime, mtime);
    expect(await build()).toContain('v: new');
  });

  it('tells environments and values apart', async () => {
    await built({ 'app.ts': program('JSON.stringify(env)') });
    expect(await build('--env', 'prod')).toContain('"name":"prod"');
    expect(await build('--env', 'dev')).toContain('"name":"dev"');
    expect(await build('--env', 'dev', '--set', 'a=b')).toContain('"a":"b"');
    expect(await build('--env', 'prod')).toContain('"name":"prod"');
  });

  it('mends what is damaged', async () => {
    await built({ 'app.ts': program(`'x'`) });
    const [name = ''] = readdirSync(kept);
    const whole = await build();
    for (const damage of [
      () => truncateSync(join(kept, name), statSync(join(kept, name)).size - 1),
      () => writeFileSync(join(kept, name), readFileSync(join(kept, name), 'utf8').replace('v: x', 'v: y')),
      () => writeFileSync(join(kept, name), '{"evidence":[],"files":[],"digest":""}\n'),
      () => writeFileSync(join(kept, name), '\u0000\n\n'),
    ]) {
      damage();
      expect(await build()).toBe(whole);
    }
  });

  it('keeps a bounded number of results, and does without where nothing can be kept', async () => {
    mkdirSync(kept, { recursive: true });
    for (let index = 0; index < 230; index++) writeFileSync(join(kept, `old-${index}`), 'x');
    await built({ 'app.ts': program(`'x'`) });
    expect(results().length).toBeLessThanOrEqual(200);
    rmSync(kept, { recursive: true });
    writeFileSync(kept, 'a file');
    expect(await build()).toContain('v: x');
  });
});

describe('a program that looks outside', () => {
  it.each([
    ['the clock', `String(Date.now() > 0)`, ''],
    ['chance', `String(Math.random() < 1)`, ''],
    ['the environment', `process.env['HOME'] ?? ''`, ''],
    ['the environment by another name', `globalThis['pro' + 'cess' as 'process'].env['HOME'] ?? ''`, ''],
    ['code made of a text', `(() => 0).constructor('return typeof Date')() as string`, ''],
    ['modules of Node', `readFileSync('app.ts', 'utf8').slice(0, 6)`, `import { readFileSync } from 'node:fs';`],
    ['a stack', `String(new Error('x').stack?.length)`, ''],
    ['modules by name', `'x'`, `const name = 'node:os'; await import(name);`],
    ['timers', `'x'`, `await new Promise((done) => setTimeout(done, 1));`],
  ])('is run each time: %s', async (_, value, head) => {
    await built({ 'app.ts': program(value, head) });
    expect(results()).toEqual([]);
  });

  it('prints each time', async () => {
    writeFiles(folder, { 'app.ts': program(`'x'`, `console.log('hello');`) });
    for (let round = 0; round < 2; round++)
      expect((await kubewright(folder, ['build', 'app.ts'])).stderr).toBe('hello\n');
  });
});

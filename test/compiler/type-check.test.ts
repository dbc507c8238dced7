import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeCheck } from '../../src/compiler/type-check.ts';
import { cliFile, writeFiles } from '../support/built-cli.ts';
import { runProgram } from '../support/kubectl.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const good = "import { configMap } from 'kubewright';\nexport default configMap({ metadata: { name: 'a' } });\n";

/** What the check says of a program beside a configuration. */
function check(config: string | undefined, program = good): readonly string[] {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'app.ts': program, ...(config === undefined ? {} : { 'tsconfig.json': config }) });
  return typeCheck([join(folder, 'app.ts')]).map(({ message, place }) =>
    [place ? `${place.file.slice(folder.length + 1)}:${place.line}` : '', message].join(' '),
  );
}

describe('type checking', () => {
  it.each([
    ['no', undefined],
    ['an empty', '{}'],
    ["Node's own", '{ "compilerOptions": { "module": "nodenext", "target": "es2022" } }'],
    ["bundlers'", '{ "compilerOptions": { "module": "preserve", "moduleResolution": "bundler" } }'],
    [
      'an emitting',
      '{ "compilerOptions": { "composite": true, "outDir": "out", "declaration": true }, "include": ["none"] }',
    ],
  ])('works beside %s configuration', (_, config) => {
    expect(check(config)).toEqual([]);
    const [line] = check(config, good.replace("name: 'a'", 'name: 1'));
    expect(line).toMatch(/^app\.ts:2 Type 'number' is not assignable/);
  });

  it('tells of a configuration that is broken, at its place', () => {
    expect(check('{\n  "extends": "./nowhere.json"\n}')[0]).toMatch(/^(?:tsconfig\.json:\d)? .*nowhere\.json/);
    expect(check('{\n  "compilerOptions": { "strict": "very" }\n}')[0]).toMatch(/^tsconfig\.json:2 .*strict/);
  });

  it('is the default where CI is set, beside the findings of the build', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'app.ts': good.replace("metadata: { name: 'a' }", "metadata: { name: 'a' }, dta: {}") });
    const build = (ci: string, ...words: readonly string[]) =>
      runProgram(process.execPath, [cliFile, 'build', 'app.ts', ...words], { cwd: folder, env: { CI: ci } });
    const cases = [
      [await build(''), false],
      [await build('false'), false],
      [await build('', '--type-check'), true],
      [await build('true'), true],
      [await build('true', '--no-type-check'), false],
    ] as const;
    for (const [{ code, stdout, stderr }, checked] of cases) {
      expect([code, stdout]).toEqual([1, '']);
      expect(/\(TS\d+\)/.test(stderr)).toBe(checked);
      expect(stderr).toContain('dta: unknown field');
    }
  });
});

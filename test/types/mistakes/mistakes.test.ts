import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { typeCheck } from '../../../src/compiler/type-check.ts';
import * as builders from '../../../src/index.ts';
import { lint } from '../../../src/lint/index.ts';
import { writeFiles } from '../../support/built-cli.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { mistakes } from './list.ts';
import { program } from './program.ts';
import rivals from './rivals.json' with { type: 'json' };
import { mistakesTable } from './table.ts';

const programs = mistakes.map(({ right, wrong }) => program.replace(right, () => wrong));

/** The line of the first difference, from 1. */
function changedLine(text: string): number {
  const lines = program.split('\n');
  return text.split('\n').findIndex((line, index) => line !== lines[index]) + 1;
}

/** What a program without types does: the rules that find something, or the call that throws. */
function rulesOf(text: string): readonly string[] {
  const script = ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022 } }).outputText;
  const body = script.replace(/^import .*$/m, '').replace('export default', 'return');
  try {
    const objects: unknown = Reflect.apply(new Function('k', body), undefined, [builders]);
    if (!Array.isArray(objects)) throw new TypeError('the program gives no objects');
    return lint(objects).map(({ rule, fieldPath }) => `${rule} ${JSON.stringify(fieldPath)}`);
  } catch (error) {
    return [`builder ${String(error)}`];
  }
}

describe('mistakes that people make', () => {
  it('are each a change of one place', () => {
    for (const { title, right } of mistakes) expect(program.split(right), title).toHaveLength(2);
  });

  it('are refused by the compiler at their lines in words that say what is wrong', () => {
    const folder = temporaryDirectory();
    const all = [program, ...programs];
    writeFiles(folder, Object.fromEntries(all.map((text, index) => [`p${index}.ts`, text])));
    const problems = typeCheck(all.map((_, index) => join(folder, `p${index}.ts`)));
    const own = (index: number) => problems.filter(({ place }) => place?.file.endsWith(`/p${index}.ts`));
    expect(own(0)).toEqual([]);
    const missed = mistakes.flatMap(({ title, types }, index) => {
      const found = own(index + 1);
      const line = changedLine(programs[index] ?? '');
      const right = types
        ? found.some(({ place, message }) => place?.line === line && types.test(message))
        : found.length === 0;
      return right ? [] : [{ title, found: found.map(({ place, message }) => `${place?.line}: ${message}`) }];
    });
    expect(missed).toEqual([]);
  });

  it('are found in objects too', () => {
    const clean = new Set(rulesOf(program));
    const missed = mistakes.flatMap(({ title, rule }, index) => {
      const found = rulesOf(programs[index] ?? '').filter((one) => !clean.has(one));
      const right = rule === undefined ? found.length === 0 : found.some((one) => one.startsWith(`${rule} `));
      return right ? [] : [{ title, found }];
    });
    expect(missed).toEqual([]);
  });

  it('are listed in the documentation', async () => {
    const file = resolve(import.meta.dirname, '../../../docs/mistakes.md');
    const text = await format(mistakesTable(mistakes, rivals), { ...(await resolveConfig(file)), parser: 'markdown' });
    await expect(text).toMatchFileSnapshot(file);
  });
});

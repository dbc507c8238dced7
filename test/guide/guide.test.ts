/** The programs that the guide shows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.ts';
import { typeErrors } from '../compiler/import/type-errors.ts';

const folder = import.meta.dirname;
const programs = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
const guide = resolve(folder, '../../docs/guide');
/** Wrong on purpose, or in need of programs and networks that not every machine has. */
const uncompiled = ['unmatched-patch.ts', 'material.ts'];

describe('the programs of the guide', () => {
  it.each(programs.filter((name) => !uncompiled.includes(name)))('%s compiles', async (name) => {
    const { problems } = await compile(join(folder, name));
    expect(problems).toEqual([]);
  });

  it('have no type error', () => {
    const files = Object.fromEntries(
      programs.map((name) => [name.replace(/\.ts$/, ''), readFileSync(join(folder, name), 'utf8')]),
    );
    expect(Object.entries(typeErrors(files)).filter(([, errors]) => errors.length > 0)).toEqual([]);
  });

  it('are shown in it', () => {
    const pages = readdirSync(guide).map((name) => readFileSync(join(guide, name), 'utf8'));
    for (const name of [...programs, 'environments.test.ts'])
      expect(
        pages.some((page) => page.includes(`test/guide/${name}`)),
        name,
      ).toBe(true);
  });
});

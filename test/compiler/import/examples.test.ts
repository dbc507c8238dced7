import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programText } from '../../../src/compiler/import/program.ts';
import { compile } from '../../../src/index.ts';
import { evaluateProgram } from './evaluate-program.ts';
import { typeErrors } from './type-errors.ts';

const folder = resolve(import.meta.dirname, '../../../examples');
const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

async function programOf(example: string): Promise<{ readonly text: string; readonly objects: readonly unknown[] }> {
  const { set } = await compile(join(folder, example, 'app.ts'));
  const objects = (set?.manifests ?? []).map(({ object }) => object);
  return { text: programText(objects.map((object) => ({ object: { ...object } }))), objects };
}

describe('the manifests of the examples', () => {
  it('come back as programs with the same objects and no type error', async () => {
    const programs: Record<string, string> = {};
    for (const example of examples) {
      const { text, objects } = await programOf(example);
      expect(objects.length).toBeGreaterThan(0);
      expect(await evaluateProgram(text)).toEqual(objects);
      programs[example] = text;
    }
    const wrong = Object.entries(typeErrors(programs)).filter(([, errors]) => errors.length > 0);
    expect(wrong).toEqual([]);
  });
});

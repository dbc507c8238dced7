import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { features } from '../../src/lsp/features/index.ts';
import { formatDocument } from '../../src/lsp/format.ts';
import { descendants, nodeAt, outlineOf, pathOf } from '../../src/lsp/outline.ts';
import { readYaml } from '../../src/types/yaml/read.ts';
import { writeYaml } from '../../src/types/yaml/write.ts';

function textAt(text: string, ...path: (string | number)[]): string | undefined {
  return nodeAt(outlineOf(text), path)?.text;
}

describe('the outline of a document', () => {
  it('finds keys and items by indentation, in braces and behind dashes', () => {
    const text = 'a:\n- b: 1\n  c: {d: [x, "y z"], e: }\n-\n  - f: g # no\nh: "i: j"\nk: http://l\n';
    expect(textAt(text, 'a', 0, 'b')).toBe('1');
    expect(textAt(text, 'a', 0, 'c', 'd', 1)).toBe('y z');
    expect(textAt(text, 'a', 1, 0, 'f')).toBe('g');
    expect(textAt(text, 'h')).toBe('i: j');
    expect(textAt(text, 'k')).toBe('http://l');
    expect(nodeAt(outlineOf(text), ['a', 0, 'c', 'e'])?.form).toBe('missing');
  });

  it('takes texts of several lines as one', () => {
    const text = 'a: |\n  b: c\n  - d\ne: "x\n  y: z"\nf: g\n  h\ni: 1\n';
    expect(outlineOf(text).children.map(({ step }) => step)).toEqual(['a', 'e', 'f', 'i']);
    expect(textAt(text, 'f')).toBe('g h');
  });

  it('goes on behind brackets and quotes that nobody closed', () => {
    const text = 'a: {b: [1,\nc: 2\nd: "x\ne: 3\n';
    expect(outlineOf(text).children.map(({ step }) => step)).toEqual(['a', 'c', 'd', 'e']);
  });

  it('knows a key that is being written', () => {
    const [, word] = outlineOf('a: 1\nspe').children;
    expect(word).toMatchObject({ step: 'spe', unfinished: true });
  });

  it('agrees with the parser about every value that is written out', () => {
    const scalar = fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.integer(), fc.boolean());
    const key = fc
      .stringMatching(/^[a-zA-Z][\w./-]{0,12}$/)
      .filter((word) => writeYaml({ [word]: 1 }).startsWith(`${word}:`));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { minKeys: 1, maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4 }), (value) => {
        const text = writeYaml(value);
        const paths = new Set([...descendants(outlineOf(text))].map((node) => JSON.stringify(pathOf(node))));
        const visit = (inner: unknown, path: readonly (string | number)[]): void => {
          if (path.length > 0) expect(paths).toContain(JSON.stringify(path));
          if (Array.isArray(inner)) inner.forEach((item: unknown, index) => visit(item, [...path, index]));
          else if (typeof inner === 'object' && inner !== null)
            for (const [name, child] of Object.entries(inner)) visit(child, [...path, name]);
        };
        visit(value, []);
        expect(readYaml(formatDocument(text))).toEqual(readYaml(text));
      }),
      { numRuns: 150 },
    );
  });

  it('ends for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...' \n-:{}[]"\'|>&*#ab,\t'), maxLength: 200 }), (text) => {
        for (const { start, value } of descendants(outlineOf(text))) {
          expect(start).toBeLessThanOrEqual(text.length);
          expect(value.end).toBeLessThanOrEqual(text.length);
        }
        formatDocument(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the table of features', () => {
  it('has every file of the folder', () => {
    const folder = resolve(import.meta.dirname, '../../src/lsp/features');
    const files = readdirSync(folder)
      .map((file) => file.replace('.ts', ''))
      .filter((name) => name !== 'index' && name !== 'feature');
    expect(features.map(({ name }) => name).sort()).toEqual(files.sort());
  });
});

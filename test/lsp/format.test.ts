/** Layout may change nothing but layout: the same values, every comment, and nothing more to do when it is done again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDocument, formatLines } from '../../src/lsp/format.ts';
import { readYamlDocuments } from '../../src/types/yaml/read.ts';

interface Entry {
  readonly lines: readonly string[];
}

const comment = fc.stringMatching(/^# [a-z]{1,8}$/);
const name = fc.stringMatching(/^[a-z]{1,6}$/);
const plain = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
  fc
    .constantFrom(
      '0644',
      'yes',
      '"a: b # c"',
      "'it''s'",
      '12:30:45',
      '*',
      '{a: 1, b: [x, y]}',
      '[a, "b"]',
      '~',
      '',
      '1e3',
    )
    .map((text) => (text === '*' ? '"*"' : text)),
);
const gap = fc.constantFrom(' ', '  ', '   ');
const tail = fc.option(
  comment.map((text) => `   ${text}`),
  { nil: '' },
);
const depth = { maxDepth: 3 };

/** Lines of a map or list at any indentation, with comments and blank lines in between. */
const { block } = fc.letrec<{ block: Entry }>((tie) => ({
  block: fc.oneof(
    depth,
    fc
      .array(fc.tuple(name, gap, plain, tail, fc.option(comment, { nil: '' })), { minLength: 1, maxLength: 4 })
      .map((pairs): Entry => ({
        lines: unique(pairs).flatMap(([key, space, value, end, above]) => [
          ...(above === '' ? [] : [above]),
          `${key}:${value === '' ? '' : space}${value}${end}`,
        ]),
      })),
    fc
      .array(fc.tuple(name, fc.constantFrom(1, 2, 4, 6), tie('block'), tail), { minLength: 1, maxLength: 3 })
      .map((pairs): Entry => ({
        lines: unique(pairs).flatMap(([key, indent, { lines }, end]) => [`${key}:${end}`, ...shifted(lines, indent)]),
      })),
    fc.array(fc.tuple(fc.constantFrom(2, 3, 4), tie('block')), { minLength: 1, maxLength: 3 }).map((items): Entry => ({
      lines: items.flatMap(([indent, { lines }]) => item(lines, indent)),
    })),
    fc
      .tuple(
        name,
        fc.constantFrom('|', '>-', '|+'),
        fc.array(fc.constantFrom('a', '  b', '# no comment', 'c: d'), { minLength: 1, maxLength: 4 }),
      )
      .map(([key, style, lines]): Entry => ({ lines: [`${key}: ${style}`, ...shifted(['x', ...lines], 3)] })),
  ),
}));

function unique<T extends readonly [string, ...unknown[]]>(pairs: readonly T[]): readonly T[] {
  return [...new Map(pairs.map((pair) => [pair[0], pair])).values()];
}

function shifted(lines: readonly string[], by: number): readonly string[] {
  return lines.map((line) => (line === '' ? line : `${' '.repeat(by)}${line}`));
}

/** `-   first` with the rest below it; a comment cannot stand behind a dash without being one. */
function item(lines: readonly string[], indent: number): readonly string[] {
  const [first = '', ...rest] = shifted(lines, indent);
  return [`-${first.slice(1)}`, ...rest];
}

function values(text: string): readonly unknown[] {
  return readYamlDocuments(text).map(({ value, problems }) => (problems.length > 0 ? problems : value));
}

function comments(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /(?:^|\s)(# [a-z]+)\s*$/.exec(line)?.[1] ?? []);
}

describe('layout', () => {
  it('keeps values and comments, and is the same when done twice', () => {
    fc.assert(
      fc.property(block, fc.boolean(), ({ lines }, windows) => {
        const text = `${lines.join('\n')}\n`.replaceAll('\n', windows ? '\r\n' : '\n');
        const once = formatDocument(text);
        expect(values(once)).toEqual(values(text));
        expect(comments(once)).toEqual(comments(text));
        expect(formatDocument(once)).toBe(once);
        expect(once.split('\n').some((line) => / \r?$/.test(line) && values(text).length === 0)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it('keeps them in some of the lines too', () => {
    const line = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(block, line, line, ({ lines }, first, count) => {
        const text = `${lines.join('\n')}\n`;
        const once = formatLines(text, first, first + count);
        expect(values(once)).toEqual(values(text));
        expect(comments(once)).toEqual(comments(text));
        const [before, after] = [text.split('\n'), once.split('\n')];
        const touched = before.flatMap((one, index) => (one === after[index] ? [] : [index]));
        expect(touched.every((index) => index >= first && index <= first + count)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves text alone that is no YAML, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '-', '"', '#', '{', '|', '\t', '&') }),
        (text) => {
          const once = formatDocument(text);
          if (readYamlDocuments(text).some(({ problems }) => problems.length > 0)) expect(once).toBe(text);
          else expect(values(once)).toEqual(values(text));
          expect(formatDocument(once)).toBe(once);
        },
      ),
      { numRuns: 600 },
    );
  });
});

/** The quick reader beside the `yaml` package: what it reads it reads alike, and it reads what manifests are written in. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rules } from '../../../src/lint/rules/index.ts';
import { composeDocuments } from '../../../src/types/yaml/composed-document.ts';
import { readQuickly } from '../../../src/types/yaml/quick-document.ts';
import type { YamlDocument } from '../../../src/types/yaml/read.ts';
import { writeYamlDocuments } from '../../../src/types/yaml/write.ts';

/** Ways of writing that manifests have, all of them. */
const written: Readonly<Record<string, string>> = {
  'block scalars':
    'a: |\n  x\n   y\n\n  z\n\n\nb: >-\n  foo\n  bar\n\n  baz\n    more\n  end\nc: |+\n  keep\n\n\nd: |-\n  x\n\n',
  'texts with their indentation':
    'a: |2-\n\n\n  one\n   two\nb: |4\n      three\n    four\n\nc:\n  - |1+\n    five\n\n  - d: >2\n\n       six\n      seven\n\n      eight\ne: |2\n   nine\n',
  'tabs in folded texts':
    'a: >-\n  one\n  \t- two\n  \t\tthree\n  four\n\n  \tfive\n\n  six\nb: >\n  zero\n  \tone\n  two\n  \t\n  three\n',
  'a list of block scalars': '- |\n  #!/bin/sh\n  \techo "a: b" # no comment\n\n- >\n\n  leading\n  folded\n',
  'texts of several lines':
    "a: \"multi\n  line\n\n  text\"\nb: 'it''s\n  two'\nc: plain\n  goes on\n\n  here # comment\n",
  escapes: 'a: "x\\n\\u00e9\\x41\\U0001F986\\e\\"\\/\\\\ \\t"\n',
  'escapes in texts of several lines':
    'a: "one \\\n  two\\n\\\n  \\ three\\\n  four\\\\\n  five  \n\n  six\\ \n  \\"seven\\"\n  "\nb: "\n  x\\ty\\\n  "\n',
  'anchors and merges':
    'x: &a\n  k: v\ny:\n  <<: *a\n  z: 1\nl:\n- *a\n- &b foo\n- *b\n- &c {q: r}\n- &d\n  - 1\nm: {<<: [*a, *c], k: w}\n',
  'several documents':
    '# first\n---\n# c\na: b\n---\n---\nc: d\n--- # x\ne:\n- f\n-\n- g: h\n  i: j\n-   - k\n    - l\n',
  JSON: '{\n\t"a": {"b": [1, 2.5, "x\\n", null, true]},\n\t"c": [],\n\t"d": {}\n}\n',
  nothing: 'a:\nb:   \nc: # foo\n\n\nd:\n  # deep\n  e:\n# shallow\nf:\n- 1\n # odd\n- 2\n-\n',
  'foreign line ends': '\ufeffa: b\r\nc:\r\n  - d\r\n  - "e"\r\n',
  keys: 'key with spaces: v\n"q k": 1\n\'s k\' : 2\nyes: 1\n0x10: 2\n~: 3\na/b.c: d:e#f\n__proto__: 1\nconstructor: 2\n',
  'flow collections': 'a: {b: c, "d":1, e: [x, {y: z}], # why\n  f: \'g\', }\nh: [\n    i,\n    j ]\n',
  'values below their keys': 'a:\n  "b":\n    c\nd:\n  - "e"\n  - f: "g" # h\n  -\n    - i\n    -\n     j: k\n',
  'lists beside their keys': 'a:\n- b: c\n  d:\n  - e\n  - f\n- g\nh: 1\n',
  'a comment only': '# nothing\n\n# more\n',
  nought: '',
  'scalars of all kinds':
    '- 0644\n- 1_000\n- -.5\n- on\n- ~\n- 2001-01-01\n- 12:30:45\n- -\n- a, b] c\n- http://x.y/z?q=1#r\n',
};

const corpora = ['wrong', 'sound'].flatMap((name) => {
  const folder = join(import.meta.dirname, '../../lint/corpus', name);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').split(/^### .*\n/m));
});
const texts = [...Object.values(written), ...corpora, ...rules.flatMap(({ bad, good }) => [bad, good])].filter(
  (text) => text.length < 20_000,
);

type Path = readonly (string | number)[];

function pathsIn(value: unknown, base: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null || base.length > 12) return [base];
  const keys = Array.isArray(value) ? [...value.keys(), value.length, -1] : [...Object.keys(value), 'none', '<<'];
  return [base, ...keys.flatMap((key) => pathsIn(Reflect.get(value, key), [...base, key]))];
}

function expectAlike(quick: readonly YamlDocument[], composed: readonly YamlDocument[]): void {
  expect(composed.flatMap(({ problems }) => problems)).toEqual([]);
  // As texts, since the order of keys counts.
  expect(JSON.stringify(quick.map(({ value }) => value))).toBe(JSON.stringify(composed.map(({ value }) => value)));
  expect(quick.map(({ start }) => start)).toEqual(composed.map(({ start }) => start));
  for (const [index, document] of composed.entries()) {
    const other = quick[index];
    const placesOf = (one: YamlDocument | undefined, path: Path): unknown =>
      (['key', 'value'] as const).map((part) => [one?.positionOf(path, part), one?.rangeOf(path, part)]);
    for (const path of pathsIn(document.value)) {
      const places = placesOf(document, path);
      if (JSON.stringify(placesOf(other, path)) !== JSON.stringify(places))
        expect({ path, places: placesOf(other, path) }).toEqual({ path, places });
    }
  }
}

const inserts = [
  ...[
    'null',
    '[]',
    '{}',
    '- ',
    ': ',
    ':',
    '"',
    "'",
    '\t',
    '---\n',
    '...\n',
    '&a ',
    '*a',
    '!!str ',
    '|\n',
    '>-\n',
    '|2\n',
    '>1-\n',
  ],
  ...[
    '<<: ',
    '__proto__: 1\n',
    '🦆',
    '\u0000',
    '\r',
    '\r\n',
    '\n',
    '\n\n',
    '\n  ',
    '\n    ',
    ' ',
    '  ',
    '#',
    ' # c',
    '# c\n',
  ],
  ...[
    ',',
    '[',
    '{',
    '}',
    ']',
    '? ',
    '%',
    '@',
    '\\',
    '\\x41',
    '.inf',
    'yes',
    '~',
    '\n   # c\n',
    '|+\n',
    'x: y\n',
    '- a\n',
  ],
  ...['b: &b c\n', '\ufeff', '\u0085', '\u00a0'],
];
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.constant(0), fc.nat({ max: 3 }), fc.nat({ max: 60 })),
  insert: fc.oneof(fc.constant(''), fc.constantFrom(...inserts)),
  indent: fc.integer({ min: -2, max: 3 }),
});

function damaged(
  text: string,
  { at, cut, insert, indent }: typeof damage extends fc.Arbitrary<infer T> ? T : never,
): string {
  const from = Math.floor(at * text.length);
  const torn = text.slice(0, from) + insert + text.slice(from + cut);
  const line = torn.lastIndexOf('\n', from - 1) + 1;
  const shifted = indent < 0 ? torn.slice(line).replace(/^ {1,2}/, '') : ' '.repeat(indent) + torn.slice(line);
  return torn.slice(0, line) + shifted;
}

describe('the quick reader', () => {
  for (const [name, text] of Object.entries(written)) {
    it(`reads ${name}`, () => {
      const quick = readQuickly(text).documents;
      expect(quick).toBeDefined();
      expectAlike(quick ?? [], composeDocuments(text));
    });
  }

  it('reads what people write', () => {
    let left = 0;
    for (const text of texts) {
      const composed = composeDocuments(text);
      if (composed.some(({ problems }) => problems.length > 0)) continue;
      const quick = readQuickly(text).documents;
      if (quick) expectAlike(quick, composed);
      else left += 1;
    }
    expect(left / texts.length).toBeLessThan(0.1);
  });

  it('reads what the writer writes', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 3 }), (values) => {
        const text = writeYamlDocuments(values);
        const quick = readQuickly(text).documents;
        if (quick) expectAlike(quick, composeDocuments(text));
      }),
      { numRuns: 500 },
    );
  });

  it('reads damaged texts alike, or leaves them to the other', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(damage, { minLength: 1, maxLength: 3 }), (text, steps) => {
        const torn = steps.reduce(damaged, text);
        const quick = readQuickly(torn).documents;
        if (quick) expectAlike(quick, composeDocuments(torn));
      }),
      { numRuns: 3_000 },
    );
  });

  it('leaves to the other what has to be complained of', () => {
    const wrong = [
      'a: 1\na: 2\n',
      'a: *b\n',
      'a: &x [*x]\n',
      'a: .inf\n',
      'a: "\n',
      'a: b: c\n',
      '[a\n',
      'a:\n\tb: c\n',
    ];
    for (const text of wrong) expect(readQuickly(text).documents, text).toBeUndefined();
  });
});

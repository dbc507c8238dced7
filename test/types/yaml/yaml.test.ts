import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readYaml, readYamlDocuments, YamlError } from '../../../src/types/yaml/read.ts';
import { writeYaml } from '../../../src/types/yaml/write.ts';

const tricky = fc.constantFrom(
  'yes',
  'no',
  'on',
  'Off',
  'y',
  'N',
  'null',
  '~',
  '',
  'true',
  '0644',
  '0o644',
  '0x1F',
  '1e3',
  '1_000',
  '1.10',
  '.5',
  '5.',
  '.inf',
  '.NaN',
  '2020-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '1:30',
  '190:20:30',
  '<<',
  '=',
  '---',
  '...',
  '- a',
  '-',
  '?',
  ': x',
  'a: b',
  'a #b',
  '#c',
  '*a',
  '&a',
  '!a',
  '|',
  '>',
  "'",
  '"',
  '%a',
  '@a',
  '`a',
  ' a',
  'a ',
  'a\nb',
  'a\n\nb\n',
  'a\n\n',
  '\n',
  '\na',
  ' a\nb',
  'a\r\nb',
  'a\tb',
  '\ta\nb',
  'a:\tb',
  'a\u2028b',
  '\u0085',
  '\ufeff',
  'é',
  '😀',
  '{}',
  '[]',
  '--flag=x',
  'key:',
  '0b11',
  '+1',
  '-1',
  '08',
  '__proto__',
  'a\n b\n',
  'nginx:1.25',
  'http://x/y?z=1',
  '$(VAR)',
  '-x',
  ':x',
  '?x',
  'a\n\n\n',
  '1__2',
  '._',
);
const text = fc.oneof(
  tricky,
  fc.string(),
  fc.string({ unit: 'binary' }).filter((s) => !/\p{Surrogate}/u.test(s)),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('writeYaml', () => {
  it('is read back unchanged by Kubernetes', () => {
    fc.assert(
      fc.property(json.value, (value) => {
        expect(readYaml(writeYaml(value))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });
  it.each(['1.1', '1.2'] as const)('is read back unchanged by a YAML %s reader', (version) => {
    fc.assert(
      fc.property(json.value, (value) => {
        const read: unknown = parse(writeYaml(value), {
          version,
          schema: version === '1.1' ? 'yaml-1.1' : 'core',
          merge: true,
        });
        // The reader's own maps lose __proto__.
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(read).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });
  it('quotes only what needs it', () => {
    const value = {
      image: 'nginx:1.25',
      args: ['--flag=x', '-c', '$(VAR)', 'http://x/?a=b#c'],
      a: 'yes',
      b: '0644',
      c: '1.10',
      d: '2020-01-01',
      e: '',
      f: ' x',
    };
    expect(writeYaml(value)).toBe(`image: nginx:1.25
args:
- --flag=x
- -c
- $(VAR)
- http://x/?a=b#c
a: 'yes'
b: '0644'
c: '1.10'
d: '2020-01-01'
e: ''
f: ' x'
`);
  });
  it('keeps the lines of scripts', () => {
    const value = {
      data: { run: '#!/bin/sh\nset -e\n\n  echo hi\n', cut: 'a\nb', more: 'a\nb\n\n' },
      list: [['a'], { x: { y: [] } }],
    };
    const written = writeYaml(value);
    expect(written).toContain('  run: |\n    #!/bin/sh\n    set -e\n\n      echo hi\n');
    expect(readYaml(written)).toEqual(value);
  });
});

describe('readYaml', () => {
  it('reads scalars as go-yaml does', () => {
    const read = readYaml(`
a: yes
b: Off
c: 0644
d: 0o17
e: 0x1F
f: 1_000
g: 1e3
h: ~
i: 2020-01-01
j: 1:30
k: 'yes'
l: 1.10
m:
nn: 08
on: x
1: y
2.5: z
q: !!str 5
`);
    expect(read).toEqual({
      a: true,
      b: false,
      c: 420,
      d: 15,
      e: 31,
      f: 1000,
      g: 1000,
      h: null,
      i: '2020-01-01',
      j: '1:30',
      k: 'yes',
      l: 1.1,
      m: null,
      nn: 8,
      true: 'x',
      '1': true,
      '2.5': 'z',
      q: '5',
    });
  });
  it('merges maps and expands anchors', () => {
    expect(readYaml('base: &b {x: 1, z: 2}\none:\n  <<: *b\n  z: 3\ntwo: *b\n')).toEqual({
      base: { x: 1, z: 2 },
      one: { z: 3, x: 1 },
      two: { x: 1, z: 2 },
    });
  });
  it('merges in the order of the keys, as kubectl does', () => {
    const maps = 'a: &a {x: 1, z: 2}\nb: &b {x: 5, w: 6}\n';
    for (const form of ['c:\n  x: 3\n  <<: [*a, *b]\n  z: 4\n', 'c: {x: 3, <<: [*a, *b], z: 4}\n'])
      expect(readYaml(maps + form)).toMatchObject({ c: { x: 1, z: 4, w: 6 } });
    expect(readYaml(`${maps}c: !!map\n  x: 3\n  <<: [*a, *b]\n  z: 4\n`)).toMatchObject({ c: { x: 1, z: 4, w: 6 } });
  });
  it('refuses tabs that stand for indentation, as kubectl does', () => {
    const message = 'found a tab character where lines are indented; use spaces';
    const refused = ['a: |\n  \tx\n', 'a: 1\n\t\nb: 2\n', 'a: "1"\n\t# x\nb: 2\n'];
    for (const text of refused) expect(readYamlDocuments(text)[0]?.problems, text).toMatchObject([{ message }]);
    expect(readYamlDocuments('a: |\n  x\n\t\n')[0]?.problems[0]).toMatchObject({ line: 3, column: 1 });
    expect(readYaml('a: |\n  x\n  \ty\n')).toEqual({ a: 'x\n\ty\n' });
    expect(readYaml('a: |2\n  \tx\n')).toEqual({ a: '\tx\n' });
    expect(readYaml('{\n\t"a": 1,\n\t"b": [\n\t\t2\n\t]\n}\n')).toEqual({ a: 1, b: [2] });
    expect(readYaml('a: [x,\n  \tz]\nb: 1\n  \t# c\n')).toEqual({ a: ['x', 'z'], b: 1 });
  });
  it('refuses control characters, as kubectl does', () => {
    const message = 'control characters are not allowed, and here is U+0001';
    expect(() => readYaml('a: 1\nb: x\u0001y\n')).toThrow(new YamlError({ line: 2, column: 5, offset: 9, message }));
    expect(readYaml('a: x\ty\u0085\n')).not.toBeNull();
  });
  it('refuses duplicate keys, bombs and cycles with their place', () => {
    expect(() => readYaml('a: 1\nb: 2\na: 3\n')).toThrow(
      new YamlError({ line: 3, column: 1, offset: 10, message: 'key "a" already set in map' }),
    );
    const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`).join('\n')}\n`;
    expect(() => readYaml(bomb)).toThrow('excessive aliasing');
    expect(() => readYaml('a: &a [*a]')).toThrow('contains itself');
    expect(() => readYaml('a: *b')).toThrow();
    expect(() => readYaml('\ta: b')).toThrow(YamlError);
    expect(() => readYaml('{')).toThrow(YamlError);
  });
  it('reads several documents with BOM and CRLF, and knows places', () => {
    const documents = readYamlDocuments('\ufeffa: 1\r\n---\r\nb:\r\n- c: 2\r\n...\r\n---\r\nd: [\r\n');
    expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { b: [{ c: 2 }] }, null]);
    expect(documents[1]?.positionOf(['b', 0, 'c'])).toMatchObject({ line: 4, column: 6 });
    expect(documents[1]?.positionOf(['b', 0, 'c'], 'key')).toMatchObject({ line: 4, column: 3 });
    expect(documents[1]?.positionOf(['b', 1])).toBeUndefined();
    expect(documents[2]?.problems.length).toBeGreaterThan(0);
  });
  it('reads the other documents of a large text, whatever one of them is written in', () => {
    const long = `a: ${'x'.repeat(700_000)}\n`;
    const odd = '--- # odd\n? key\n: !!str 1\nb: c\n';
    const text = `# large\n---\n${long}${odd}---\n${long}---\nd: [\n`;
    const documents = readYamlDocuments(text);
    expect(documents.map(({ value }) => (value === null ? null : Object.keys(Object(value))))).toEqual([
      ['a'],
      ['key', 'b'],
      ['a'],
      null,
    ]);
    expect(documents.map(({ start }) => start.line)).toEqual([3, 5, 9, 11]);
    const [, second, , last] = documents;
    expect(second?.positionOf(['b'], 'key')).toEqual({ line: 7, column: 1, offset: text.indexOf('b: c') });
    expect(second?.rangeOf(['b'], 'value')?.end.offset).toBe(text.indexOf('b: c') + 4);
    expect(second?.shapeOf(['b'])?.value[0]).toBe(text.indexOf('b: c') + 3);
    expect(last?.problems[0]).toMatchObject({ line: 12 });
  });

  it('never crashes on garbage', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (garbage) => void readYamlDocuments(garbage)));
  });
});

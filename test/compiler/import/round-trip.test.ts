import fc, { type Arbitrary } from 'fast-check';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { programText } from '../../../src/compiler/import/program.ts';
import { builtInKinds } from '../../../src/types/kinds/index.ts';
import { arbitraryObject } from '../../support/arbitrary-object.ts';
import { evaluateProgram } from './evaluate-program.ts';

const style = { parser: 'typescript', singleQuote: true, printWidth: 120, trailingComma: 'all' } as const;
const kinds = [...builtInKinds];
const perKind = 15;

/** The same object with its identity first, where a builder puts it. */
function identityFirst({ apiVersion, kind, ...rest }: Readonly<Record<string, unknown>>): unknown {
  return { apiVersion, kind, ...rest };
}

const words: Readonly<Record<string, readonly string[]>> = {
  name: ['a', 'b'],
  secretName: ['a', 'b'],
  claimName: ['a', 'b'],
  serviceName: ['a', 'b'],
  serviceAccountName: ['a', 'b'],
  priorityClassName: ['a', 'b'],
  ingressClassName: ['a', 'b'],
  storageClassName: ['a', 'b'],
  kind: ['Deployment', 'StatefulSet', 'ServiceAccount', 'Role', 'ClusterRole'],
  apiVersion: ['apps/v1', 'v1'],
  apiGroup: ['rbac.authorization.k8s.io', ''],
  key: ['k', 'l', 'none'],
  namespace: ['n', 'm'],
  targetPort: ['a', 'b', 'none'],
};
const labels = [{ app: 'a' }, { app: 'b', tier: 'x' }, { tier: 'x', app: 'b' }];

/** The same object with few different names and labels, so that objects refer to each other. */
function related(value: unknown, pick: (count: number) => number, field = ''): unknown {
  if (typeof value === 'string') return words[field]?.[pick(words[field].length)] ?? value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => related(item, pick));
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  if (['labels', 'matchLabels', 'selector'].includes(field) && entries.every(([, label]) => typeof label === 'string'))
    return labels[pick(labels.length)];
  if (field === 'data' || field === 'stringData') return { k: 'x', l: 'y' };
  return Object.fromEntries(entries.map(([key, child]) => [key, related(child, pick, key)]));
}

const oddKeys = [
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  "it's",
  '"',
  '`${x}`',
  'a\nb',
  '\u2028',
  'ключ',
  '💥',
  '1',
  'a-b',
  '//',
  '*/',
  '\\',
];
const oddTexts = [
  ...oddKeys,
  '`\n${1}\n`',
  '\\\n\\',
  'a\r\nb\r\n',
  '\n',
  '\t\n\t',
  '\'\n"',
  '0x1',
  'yes',
  'null',
  'NaN',
  '-0',
  '${a}',
  'a${`b`}\nc',
  '`',
  '</script>\n<!--',
  '\ufeffa\nb',
  'a\u2028\nb',
  '\\u0041\n\\`',
  'x'.repeat(5_000),
  `${'y '.repeat(2_000)}\n  z  \n\n`,
];
const oddValue: Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(...oddTexts, null, true, {}, [], [null], [[]], 0, -0, -0.5, 1e21, -1e-7, 5e-324, 0o644),
    fc.constantFrom<unknown>(Number.MAX_SAFE_INTEGER, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), Number.MAX_VALUE, 0.1 + 0.2),
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...oddKeys), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

/** The same object with fields, keys and texts that no schema has, in places that `pick` chooses. */
function odd(value: unknown, pick: (count: number) => number, values: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return pick(12) === 0 ? values[pick(values.length)] : value;
  if (Array.isArray(value)) return value.map((item: unknown) => odd(item, pick, values));
  const entries = Object.entries(value).map(([key, child]): [string, unknown] => [key, odd(child, pick, values)]);
  if (pick(4) === 0)
    entries.splice(pick(entries.length + 1), 0, [oddKeys[pick(oddKeys.length)] ?? '', values[pick(values.length)]]);
  return Object.fromEntries(entries);
}

describe('what import writes', () => {
  it('gives the same objects whatever is in them, of kinds that nobody knows too', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      let state = seed;
      const pick = (count: number): number => (state = (state * 48_271) % 2_147_483_647) % count;
      const values = fc.sample(oddValue, { numRuns: 200, seed });
      const objects = kinds
        .flatMap((kind) => fc.sample(arbitraryObject(kind), { numRuns: 2, seed }))
        .map(({ apiVersion, kind, ...rest }) => ({
          apiVersion: pick(8) === 0 ? 'example.com/v1' : apiVersion,
          kind: pick(8) === 0 ? (['Odd', "it's", 'a b', 'Çé', '1'][pick(5)] ?? kind) : kind,
          ...Object(odd(rest, pick, values)),
        }));
      const text = programText(objects.map((object) => ({ object })));
      const compiled = await evaluateProgram(text);
      expect(compiled.map((object) => JSON.stringify(object))).toEqual(objects.map((object) => JSON.stringify(object)));
      expect(compiled).toEqual(objects);
    }
  });

  it('gives the same objects where they refer to each other', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      let state = seed;
      const pick = (count: number): number => (state = (state * 48_271) % 2_147_483_647) % count;
      const objects = kinds
        .flatMap((kind) => fc.sample(arbitraryObject(kind), { numRuns: 2, seed }))
        .map((object) => {
          const { apiVersion, kind } = object;
          return { ...object, ...Object(related(object, pick)), apiVersion, kind };
        });
      const compiled = await evaluateProgram(programText(objects.map((object) => ({ object }))));
      expect(compiled).toEqual(objects);
    }
  });

  it('gives the same objects, of every kind, in the same order of keys', async () => {
    const objects = kinds.flatMap((kind, index) =>
      fc.sample(arbitraryObject(kind), { numRuns: perKind, seed: 7_919 + index }),
    );
    const compiled = await evaluateProgram(programText(objects.map((object) => ({ object }))));
    expect(compiled.length).toBe(objects.length);
    compiled.forEach((object, index) => {
      expect(object).toEqual(objects[index]);
      expect(JSON.stringify(object)).toBe(JSON.stringify(identityFirst(objects[index] ?? {})));
    });
  });

  it('is laid out as prettier does it', async () => {
    for (const [index, kind] of kinds.entries()) {
      const objects = fc.sample(arbitraryObject(kind), { numRuns: 4, seed: 104_729 + index });
      const text = programText(objects.map((object) => ({ object })));
      // Beyond Latin, how wide a character is depends on the font.
      if (/[^\u0020-\u007e\n]/.test(text)) continue;
      expect(text).toBe(await format(text, style));
    }
  });
});

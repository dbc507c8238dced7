/** Damaged manifests: whatever is typed or torn out, nothing throws, no rule fails, and edits give what a fresh reading gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCandidate } from '../../src/compiler/check.ts';
import { rules } from '../../src/lint/rules/index.ts';
import { Workspace } from '../../src/lint/workspace.ts';
import { readYamlDocuments } from '../../src/types/yaml/read.ts';
import { readCases } from './corpus/cases.ts';

const corpus = [...readCases('wrong'), ...readCases('sound')]
  .flatMap(({ files }) => [...files.values()])
  .filter((text) => text.trim() !== '');
const texts = [...corpus, ...rules.map(({ bad }) => bad)];

const inserted = fc.constantFrom(
  'null',
  '[]',
  '{}',
  '- ',
  ': ',
  '"',
  '\t',
  '---\n',
  '&a ',
  '*a',
  '!!binary ',
  '|\n',
  '<<: ',
  '__proto__: 1\n',
  '🦆',
  '\u0000',
);
const damage = fc.record({
  text: fc.constantFrom(...texts),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat({ max: 30 }),
  insert: inserted,
});

function damaged(
  text: string,
  { at, length, insert }: { readonly at: number; readonly length: number; readonly insert: string },
): string {
  const from = Math.floor(at * text.length);
  return text.slice(0, from) + insert + text.slice(from + length);
}

function told(workspace: Workspace): unknown {
  return workspace.diagnostics('a.yaml').map(({ fix, ...rest }) => ({ ...rest, edits: fix?.edits() }));
}

describe('damaged manifests', () => {
  it('are told of, and edited as if read anew', () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (steps) => {
        const edited = new Workspace({ config: { extends: 'strict' } });
        let text = steps[0]?.text ?? '';
        for (const step of steps) {
          text = damaged(text, step);
          edited.setFile('a.yaml', text);
          const found = told(edited);
          expect(JSON.stringify(found)).not.toContain('"rule-failed"');
        }
        const anew = new Workspace({ config: { extends: 'strict' } });
        anew.setFile('a.yaml', text);
        expect(told(edited)).toEqual(told(anew));
      }),
      { numRuns: 400 },
    );
  });
});

/** Each field of each kind in the sound manifests once, wherever it stands. */
function* places(
  value: unknown,
  label: string,
  seen: Set<string>,
  path: readonly string[] = [],
): Iterable<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const name = `${label}.${Array.isArray(value) ? '' : key}`;
    if (!seen.has(name)) {
      seen.add(name);
      yield [...path, key];
    }
    yield* places(child, name, seen, [...path, key]);
  }
}

function withNull(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return null;
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? withNull(item, rest) : item));
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, child]) => [name, name === key ? withNull(child, rest) : child]),
  );
}

describe('nulls', () => {
  it('are told of or taken wherever they stand, by checks and rules that were made for them', () => {
    const seen = new Set<string>();
    const failed: string[] = [];
    const objects = readCases('sound')
      .flatMap(({ files }) => [...files.values()])
      .flatMap((text) => readYamlDocuments(text).map(({ partial }) => partial));
    for (const object of objects.filter(isCandidate)) {
      // Schemas have depths of their own.
      if (object.kind === 'CustomResourceDefinition') continue;
      for (const path of places(object, `${object.apiVersion} ${object.kind}`, seen)) {
        const workspace = new Workspace();
        workspace.setFile('a.json', JSON.stringify(withNull(object, path)));
        const found = workspace
          .diagnostics('a.json')
          .filter(({ rule }) => rule === 'check-failed' || rule === 'rule-failed');
        failed.push(...found.map(({ message }) => `${object.kind} ${path.join('.')}: ${message}`));
      }
    }
    expect(failed).toEqual([]);
    expect(seen.size).toBeGreaterThan(2_000);
  });
});

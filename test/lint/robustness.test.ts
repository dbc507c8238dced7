/** Damaged manifests: whatever is typed or torn out, nothing throws, no rule fails, and edits give what a fresh reading gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/rules/index.ts';
import { Workspace } from '../../src/lint/workspace.ts';
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

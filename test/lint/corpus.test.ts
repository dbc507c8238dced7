/** Manifests with one fault each, whose place and rule were written down by hand, and sound ones that naive tools complain of. */
import { describe, expect, it } from 'vitest';
import { isMet, lintCase, readCases } from './corpus/cases.ts';
import type { Finding } from './corpus/cases.ts';

function text({ file, line, severity, what, message }: Finding): string {
  return `${file}:${line} ${severity} ${what}: ${message}`;
}

/** Layers whose warnings a sound manifest does not deserve; lint rules may well say something about it. */
const strict: readonly string[] = ['syntax', 'identity', 'structure', 'reference'];

const wrong = readCases('wrong');
const sound = readCases('sound');

describe(`${wrong.length} wrong manifests`, () => {
  it.each(wrong.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    expect(one.expected.length).toBeGreaterThan(0);
    const found = lintCase(one);
    const missed = one.expected.filter((expectation) => !isMet(expectation, found));
    expect({ missed, found: missed.length > 0 ? found.map(text) : [] }).toEqual({ missed: [], found: [] });
  });

  it('are many, of all layers', () => {
    expect(wrong.length).toBeGreaterThanOrEqual(300);
    const layers = new Set(wrong.flatMap((one) => lintCase(one).map(({ layer }) => layer)));
    expect([...layers].sort()).toEqual(['api', 'identity', 'lint', 'reference', 'structure', 'syntax']);
  });

  it('seldom lead to errors at other places', () => {
    const astray = wrong.filter((one) =>
      lintCase(one).some(
        ({ file, line, severity }) =>
          severity === 'error' && !one.expected.some((marked) => marked.file === file && marked.line === line),
      ),
    );
    expect(astray.length / wrong.length).toBeLessThan(0.02);
  });
});

describe(`${sound.length} sound manifests`, () => {
  it.each(sound.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    const found = lintCase(one).filter(({ severity, layer, ...rest }) => {
      if (severity === 'error') return true;
      return severity === 'warning' && strict.includes(layer) && !isMet({ ...rest }, marks(one.expected));
    });
    expect(found.map(text)).toEqual([]);
  });

  it('are many', () => expect(sound.length).toBeGreaterThanOrEqual(200));
});

/** Warnings that a sound manifest may well be given. */
function marks(expected: ReturnType<typeof readCases>[number]['expected']): readonly Finding[] {
  return expected.map((one) => ({ ...one, layer: '', severity: 'warning', message: '' }));
}

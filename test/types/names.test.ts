import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  configMapKeyErrors,
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  envVarNameErrors,
  fnv32a,
  generateName,
  labelValueErrors,
  maskTrailingDash,
  pathSegmentErrors,
  percentErrors,
  portNameErrors,
  portNumberErrors,
  qualifiedNameErrors,
  randomSuffix,
  safeEncode,
  wildcardSubdomainErrors,
} from '../../src/types/names.ts';

type Rule = (value: string) => readonly string[];

const rules: readonly (readonly [string, Rule, readonly string[], readonly string[]])[] = [
  [
    'DNS-1123 label',
    dns1123LabelErrors,
    ['a', '0', 'a-b', 'a'.repeat(63)],
    ['', 'A', 'a.b', '-a', 'a-', 'a_b', 'a'.repeat(64)],
  ],
  ['DNS-1123 subdomain', dns1123SubdomainErrors, ['a', 'a.b', '1.2'], ['', 'a..b', '.a', 'a.', 'A.b', 'a'.repeat(254)]],
  ['DNS-1035 label', dns1035LabelErrors, ['a', 'a1'], ['', '1a', 'A', 'a.b']],
  ['wildcard', wildcardSubdomainErrors, ['*.a', '*.a.b'], ['*', 'a', '*.*.a', '*a']],
  ['label value', labelValueErrors, ['', 'a', 'A_b.c'], ['-a', 'a b', 'a'.repeat(64)]],
  ['qualified name', qualifiedNameErrors, ['a', 'a.b/C_d'], ['', '/a', 'a/', 'a/b/c', 'A/b', 'a b']],
  ['config key', configMapKeyErrors, ['a', '.a', 'A_b-c.d'], ['', '.', '..', '..a', 'a/b']],
  ['environment name', envVarNameErrors, ['A', '1 a', '.'], ['', 'a=b', 'ä']],
  ['port name', portNameErrors, ['http', 'a-1'], ['', '1', 'A', 'a--b', '-a', 'a'.repeat(16)]],
  ['path segment', pathSegmentErrors, ['a', 'system:node', 'A b'], ['.', '..', 'a/b', 'a%b']],
  ['percent', percentErrors, ['0%', '100%'], ['', '%', '1', '-1%']],
];

describe('names', () => {
  it.each(rules)('%s', (_name, rule, good, bad) => {
    for (const text of good) expect(rule(text), text).toEqual([]);
    for (const text of bad) expect(rule(text), text).not.toEqual([]);
  });

  it('are refused in upstream’s words', () => {
    expect(dns1123LabelErrors('A'.repeat(64))).toEqual([
      'must be no more than 63 characters',
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(portNumberErrors(0)).toEqual(['must be between 1 and 65535, inclusive']);
  });

  it('never take long, whatever is sent', () => {
    const started = performance.now();
    for (const [, rule] of rules) rule('a-'.repeat(500_000));
    // Backtracking would take hours; a machine under load takes a second.
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('that are generated are names', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][-a-z0-9]{0,70}$/),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999 })),
        (base, stream) => {
          const name = generateName(base, () => Number(stream.next().value));
          expect(name.length).toBeLessThanOrEqual(63);
          expect(dns1123LabelErrors(name)).toEqual([]);
        },
      ),
    );
    expect(randomSuffix(5, () => 0)).toBe('bbbbb');
    expect(maskTrailingDash('web-')).toBe('wea');
    expect(maskTrailingDash('web')).toBe('web');
  });

  it('of templates come from their content alone', () => {
    expect(fnv32a('')).toBe(0x811c9dc5);
    expect(fnv32a('a')).toBe(0xe40c292c);
    expect(safeEncode('0123456789')).toBe(safeEncode('0123456789'));
    expect(canonicalJson({ b: 1, a: [{ d: undefined, c: null }] })).toBe(canonicalJson({ a: [{ c: null }], b: 1 }));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/types/duration.ts';

describe('durations', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['250ms', 250],
    ['1us', 0.001],
    ['-2m', -120_000],
    ['+1s', 1000],
  ])('%s is read', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '1', 's', '1 s', '1d', '--1s', '1s1', `${'1h'.repeat(60)}`])('%s is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    [0, '0s'],
    [250, '250ms'],
    [1000, '1s'],
    [1500, '1.5s'],
    [60_000, '1m0s'],
    [3_600_000, '1h0m0s'],
    [-90_000, '-1m30s'],
  ])('%d is printed as Go does', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it('are read back as printed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e11, max: 1e11 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBeCloseTo(milliseconds, 3);
      }),
    );
  });
});

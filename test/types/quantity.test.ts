import { describe, expect, it } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  milliValue,
  quantityError,
  quantityToNumber,
} from '../../src/types/quantity.ts';

describe('quantities', () => {
  it('are printed canonically', () => {
    const texts: readonly (readonly [string | number, string])[] = [
      ['1000m', '1'],
      ['0.5', '500m'],
      ['1024Mi', '1Gi'],
      ['1.5Gi', '1536Mi'],
      ['1e3', '1e3'],
      [2, '2'],
      ['0Gi', '0'],
      ['-1', '-1'],
    ];
    for (const [text, want] of texts) expect(canonicalQuantity(text)).toBe(want);
  });
  it('are compared and added exactly', () => {
    expect(compareQuantities('1Gi', '1073741824')).toBe(0);
    expect(compareQuantities('999m', 1)).toBe(-1);
    expect(addQuantities('100m', '900m')).toBe('1');
  });
  it('round up to whole numbers', () => {
    expect(quantityToNumber('1.1')).toBe(2);
    expect(milliValue('0.1')).toBe(100);
  });
  it('say what is wrong', () => {
    expect(quantityError('1Xi')).toBeDefined();
    expect(quantityError('')).toBeDefined();
    expect(quantityError('1Gi')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import {
  findCondition,
  isConditionTrue,
  removeCondition,
  setCondition,
  type AnyCondition,
} from '../../src/types/conditions.ts';

const ready: AnyCondition = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };

describe('conditions', () => {
  it('are found by type', () => {
    expect(findCondition([ready], 'Ready')).toBe(ready);
    expect(findCondition(undefined, 'Ready')).toBeUndefined();
    expect(isConditionTrue([ready], 'Ready')).toBe(true);
    expect(isConditionTrue([ready], 'Available')).toBe(false);
  });

  it('keep the time of their transition while their status stays', () => {
    const next = { ...ready, reason: 'Again', lastTransitionTime: '2026-01-02T00:00:00Z' };
    expect(setCondition([ready], next)).toEqual([{ ...ready, reason: 'Again' }]);
    const gone = { ...next, status: 'False' };
    expect(setCondition([ready], gone)).toEqual([gone]);
  });

  it('are added, and leave the others where they are', () => {
    const available: AnyCondition = { type: 'Available', status: 'False' };
    expect(setCondition([ready], available)).toEqual([ready, available]);
    expect(setCondition(undefined, available)).toEqual([available]);
    expect(removeCondition([ready, available], 'Ready')).toEqual([available]);
  });
});

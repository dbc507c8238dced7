import { describe, expect, it } from 'vitest';
import { danglingCondition } from '../../../../src/runtime/controllers/flow-schema/status.ts';

const then = new Date('2026-01-01T00:00:00Z');
const now = new Date('2026-01-02T00:00:00.5Z');

describe('danglingCondition', () => {
  it('says whether the level exists, and since when', () => {
    const found = danglingCondition([], 'l', true, then) ?? [];
    expect(found).toMatchObject([{ type: 'Dangling', status: 'False', reason: 'Found' }]);
    expect(danglingCondition(found, 'l', true, now)).toBeUndefined();
    const other = { type: 'Other', status: 'True' };
    expect(danglingCondition([...found, other], 'l', false, now)).toMatchObject([
      other,
      { status: 'True', reason: 'NotFound', lastTransitionTime: '2026-01-02T00:00:00Z' },
    ]);
  });

  it('keeps the time of a status that another level has too', () => {
    const found = danglingCondition([], 'l', true, then) ?? [];
    expect(danglingCondition(found, 'm', true, now)?.[0]?.lastTransitionTime).toBe('2026-01-01T00:00:00Z');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedKeys } from '../../../src/runtime/storage/sorted-keys.ts';

describe('SortedKeys', () => {
  it('is a sorted set under any adding and removing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.nat(3000)), { maxLength: 4000, size: 'max' }),
        fc.nat(3000),
        (steps, probe) => {
          const keys = new SortedKeys();
          const model = new Set<string>();
          for (const [add, number] of steps) {
            const key = String(number);
            if (add && !model.has(key)) {
              keys.add(key);
              model.add(key);
            } else if (!add) {
              keys.remove(key);
              model.delete(key);
            }
          }
          const sorted = [...model].sort();
          const from = String(probe);
          expect(keys.size).toBe(sorted.length);
          expect([...keys.from('')]).toEqual(sorted);
          expect([...keys.from(from)]).toEqual(sorted.filter((key) => key >= from));
          expect(keys.rank(from)).toBe(sorted.filter((key) => key < from).length);
        },
      ),
      { numRuns: 40 },
    );
  });
});

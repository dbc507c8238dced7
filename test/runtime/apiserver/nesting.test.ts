import { describe, expect, it } from 'vitest';
import { NESTING_LIMIT, nestsTooDeep } from '../../../src/runtime/apiserver/nesting.ts';
import { parseBody } from '../../../src/runtime/apiserver/request-body.ts';

const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const form = { method: 'POST', kind: 'ConfigMap', apiVersion: 'v1', strict: true };

describe('how deep a body nests', () => {
  it('counts levels of objects and lists', () => {
    expect(nestsTooDeep(1)).toBe(false);
    expect(nestsTooDeep(JSON.parse(nested(NESTING_LIMIT)))).toBe(false);
    expect(nestsTooDeep(JSON.parse(nested(NESTING_LIMIT + 1)))).toBe(true);
    expect(nestsTooDeep(JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)))).toBe(true);
  });

  it.each(['application/json', 'application/yaml'])('is refused in %s', (contentType) => {
    expect(() => parseBody(Buffer.from(nested(20_000)), { ...form, contentType })).toThrow(/max depth|too deeply/);
  });
});

import { describe, expect, it } from 'vitest';
import { duplicateFields } from '../../../src/runtime/apiserver/duplicate-fields.ts';

describe('duplicateFields', () => {
  it('names each field that stands twice by its path', () => {
    const text = '{"a":1,"b":{"c":[{"d":1,"d":2},{"d":3}],"c":[]},"a":2}';
    expect(duplicateFields(text)?.found.map(({ path }) => path)).toEqual(['b.c[0].d', 'b.c', 'a']);
  });

  it('is not misled by text that looks like structure', () => {
    expect(duplicateFields('{"a":"{\\"a\\":1,","b":"\\\\","c":["a","a"]}')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { jsonObjectStarts } from '../../../src/types/yaml/json-stream.ts';

describe('objects of JSON one after the other', () => {
  it.each([
    ['{"a":1}\n{"b":2}\n', [0, 8]],
    ['  {"a":{"x":"}{"}}\n\n\t{"b":"\\"}"}', [2, 21]],
    ['{"a":1} {"b":2}', [0, 8]],
    ['{"a":1}', [0]],
    ['{a: 1}\nb: 2\n{c: 3}', [0]],
    ['{"a":1}\n}{', [0]],
    ['{"a":1}\n{"b":', [0]],
    ['a: 1\nb: {}\n', [0]],
    ['', [0]],
    ['{"a": "', [0]],
  ])('begin at %j', (text, starts) => {
    expect(jsonObjectStarts(text)).toEqual(starts);
  });
});

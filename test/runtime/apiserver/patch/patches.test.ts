import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldSet } from '../../../../src/runtime/apiserver/patch/field-set.ts';
import { applyJsonPatch } from '../../../../src/runtime/apiserver/patch/json-patch.ts';
import { applyMergePatch } from '../../../../src/runtime/apiserver/patch/merge-patch.ts';
import { PatchError } from '../../../../src/runtime/apiserver/patch/patch-error.ts';
import { applyStrategicMergePatch } from '../../../../src/runtime/apiserver/patch/strategic-merge.ts';
import { builtInSchemas } from '../../../../src/types/schema-table.ts';

describe('JSON patch', () => {
  it.each([
    [{ a: [1, 2] }, [{ op: 'add', path: '/a/1', value: 9 }], { a: [1, 9, 2] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [{ 'a/b': { 'm~n': 1 } }, [{ op: 'replace', path: '/a~1b/m~0n', value: 2 }], { 'a/b': { 'm~n': 2 } }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [
      { a: { b: [1] } },
      [
        { op: 'copy', from: '/a/b', path: '/c' },
        { op: 'add', path: '/c/-', value: 2 },
      ],
      { a: { b: [1] }, c: [1, 2] },
    ],
    [{ a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { x: 1 } }], { x: 1 }],
  ])('%j with %j', (document, operations, expected) => {
    const before = JSON.stringify(document);
    expect(applyJsonPatch(document, operations)).toEqual(expected);
    expect(JSON.stringify(document)).toBe(before);
  });
  it.each([
    [[{ op: 'remove', path: '/x' }], 422],
    [[{ op: 'replace', path: '/a/7', value: 1 }], 422],
    [[{ op: 'add', path: '/a/01', value: 1 }], 422],
    [[{ op: 'add', path: '/x/y', value: 1 }], 422],
    [[{ op: 'add', path: 'a', value: 1 }], 422],
    [[{ op: 'test', path: '/a', value: 1 }], 422],
    [[{ op: 'move', from: '/a', path: '/a/b' }], 422],
    [[{ op: 'frob', path: '/a' }], 422],
    [[{ op: 'add', path: '/b' }], 422],
    [[5], 400],
    [{}, 400],
    [Array(10_001).fill({ op: 'test', path: '/a' }), 422],
  ])('refuses %j', (operations, code) => {
    expect(() => applyJsonPatch({ a: [1] }, operations)).toThrow(PatchError);
    try {
      applyJsonPatch({ a: [1] }, operations);
    } catch (error) {
      expect(error).toMatchObject({ code });
    }
  });
  it('stops copies that double', () => {
    const operations = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
    expect(() => applyJsonPatch({ a: ['x'] }, operations)).toThrow('accumulated size');
  });
});

describe('merge patch', () => {
  it('follows the examples of RFC 7386', () => {
    expect(applyMergePatch({ a: 'b' }, { a: null })).toEqual({});
    expect(applyMergePatch({ a: [{ b: 'c' }] }, { a: [1] })).toEqual({ a: [1] });
    expect(applyMergePatch({ a: 'foo' }, null)).toBe(null);
    expect(applyMergePatch([1, 2], { a: 'b', c: null })).toEqual({ a: 'b' });
    expect(applyMergePatch({}, { a: { bb: { ccc: null } } })).toEqual({ a: { bb: {} } });
    expect(applyMergePatch({}, JSON.parse('{"__proto__":{"x":1}}'))).toEqual(JSON.parse('{"__proto__":{"x":1}}'));
  });
});

describe('strategic merge patch', () => {
  const pod = {
    spec: {
      containers: [{ name: 'a', image: 'i', env: [{ name: 'X', value: '1' }] }, { name: 'b' }],
      tolerations: [{ key: 'k' }],
    },
  };
  const apply = (patch: unknown): unknown =>
    applyStrategicMergePatch(pod, patch, builtInSchemas.resolve('v1.Pod'), builtInSchemas);
  it.each([
    [{ containers: [{ name: 'a', $patch: 'delete' }] }, { containers: [{ name: 'b' }] }],
    [{ containers: [{ $patch: 'replace' }, { name: 'c' }] }, { containers: [{ name: 'c' }] }],
    [
      { containers: [{ name: 'a', env: [{ name: 'X', $patch: 'delete' }] }] },
      { containers: [{ name: 'a', image: 'i', env: [] }, { name: 'b' }] },
    ],
    [{ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] }, { containers: [{ name: 'b' }, { name: 'a' }] }],
    [{ tolerations: [{ key: 'z' }] }, { tolerations: [{ key: 'z' }] }],
  ])('%j', (spec, expected) => {
    expect(apply({ spec })).toMatchObject({ spec: expected });
  });
  it.each([
    [{ spec: { $patch: 'frob' } }, 'unknown patch type: frob in map: map[$patch:frob]', 500],
    [{ spec: { containers: [{ image: 'x' }] } }, 'map: map[image:x] does not contain declared merge key: name', 500],
    [
      { spec: { '$setElementOrder/containers': [{ name: 'zz' }], containers: [{ name: 'a', image: 'b' }] } },
      "The order in patch list:\n[map[image:b name:a]]\n doesn't match $setElementOrder list:\n[map[name:zz]]\n",
      500,
    ],
    [{ spec: { $retainKeys: ['a'], b: 1 } }, 'invalid patch format of retainKeys', 400],
    [[], 'json: cannot unmarshal array into Go value of type map[string]interface {}', 400],
  ])('refuses %j', (patch, message, code) => {
    expect(() => apply(patch)).toThrow(expect.objectContaining({ message, code }));
  });
});

describe('field sets', () => {
  const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'k:{"port":1}', 'v:"q"', 'i:0');
  const path = fc.array(element, { minLength: 1, maxLength: 3 });
  const paths = fc.array(path, { maxLength: 8 });
  const setOf = (list: readonly (readonly string[])[]): FieldSet => {
    const set = new FieldSet();
    for (const one of list) set.insert(one);
    return set;
  };
  const keys = (set: FieldSet): readonly string[] => [...set.paths()].map((one) => one.join('|')).sort();
  it('are sets of paths', () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const a = setOf(left);
        const b = setOf(right);
        const inB = new Set(keys(b));
        expect(keys(a.intersection(b))).toEqual(keys(a).filter((key) => inB.has(key)));
        expect(keys(a.difference(b))).toEqual(keys(a).filter((key) => !inB.has(key)));
        expect(keys(a.union(b))).toEqual([...new Set([...keys(a), ...keys(b)])].sort());
        expect(FieldSet.fromFields(a.toFields()).equals(a)).toBe(true);
        expect(a.equals(b)).toBe(JSON.stringify(keys(a)) === JSON.stringify(keys(b)));
      }),
    );
  });
  it('refuse what is no field path', () => {
    for (const fields of [null, 5, { x: {} }, { 'k:{': {} }, { 'v:x': {} }, { 'f:a': 1 }]) {
      expect(() => FieldSet.fromFields(fields)).toThrow();
    }
  });
});

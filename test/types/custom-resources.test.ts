import { describe, expect, it } from 'vitest';
import { customResourceKinds } from '../../src/types/custom-resource-schema.ts';
import { collectIssues, pathText } from '../../src/types/field-issue.ts';
import { goPattern } from '../../src/types/validation/go-regexp.ts';
import { valuesAtPath } from '../../src/types/simple-json-path.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        selectableFields: [{ jsonPath: '.spec.color' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', maximum: 10, multipleOf: 5 },
                  color: { type: 'string', enum: ['red'], maxLength: 8, pattern: '^[a-z]+$' },
                  tags: { type: 'array', maxItems: 2, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                  ports: {
                    type: 'array',
                    items: { type: 'object', properties: { port: { type: 'integer' } } },
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['port'],
                  },
                  when: { type: 'string', format: 'date-time' },
                  one: { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
                  no: { type: 'object', not: { required: ['bad'] } },
                  any: { 'x-kubernetes-int-or-string': true },
                },
              },
            },
          },
        },
      },
    ],
  },
};

const [widget] = customResourceKinds(definition);

function faults(spec: object): readonly string[] {
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' }, spec };
  return collectIssues((issues) => widget?.validateCreate?.(object, issues)).map(
    ({ path, message }) => `${pathText(path)}: ${message}`,
  );
}

describe('objects of a definition', () => {
  it.each([
    [{ size: 5, any: '10%', tags: ['a', 'b'], one: { a: 1 } }, []],
    [{}, ['spec.size: Required value']],
    [{ size: 15 }, ['spec.size: Invalid value: 15: spec.size in body should be less than or equal to 10']],
    [{ size: 7 }, ['spec.size: Invalid value: 7: spec.size in body should be a multiple of 5']],
    [
      { size: 'a' },
      [
        'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
        '.spec.size: Invalid value: 0: .spec.size accessor error: a is of the type string, expected int64',
      ],
    ],
    [{ size: 5, color: 'blue' }, ['spec.color: Unsupported value: "blue": supported values: "red"']],
    [{ size: 5, tags: ['a', 'a'] }, ['spec.tags[1]: Duplicate value: "a"']],
    [{ size: 5, tags: ['a', 'b', 'c'] }, ['spec.tags: Too many: 3: must have at most 2 items']],
    [{ size: 5, ports: [{ port: 1 }, { port: 1 }] }, ['spec.ports[1]: Duplicate value: {"port":1}']],
    [
      { size: 5, when: 'noon' },
      ['spec.when: Invalid value: "noon": spec.when in body must be of type date-time: "noon"'],
    ],
    [{ size: 5, no: { bad: 1 } }, [': Invalid value: "": "spec.no" must not validate the schema (not)']],
    [
      { size: 5, one: {} },
      [
        ': Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
        'spec.one.a: Required value',
      ],
    ],
    [
      { size: 5, any: true },
      ['spec.any: Invalid value: "boolean": spec.any in body must be of type integer,string: "boolean"'],
    ],
  ])('%j', (spec, expected) => {
    expect(faults(spec)).toEqual(expected);
  });

  it('are printed and selected as it says', () => {
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'a' },
      spec: { size: 5, color: 'red' },
    };
    expect(widget?.columns.map(({ name }) => name)).toEqual(['Name', 'Size']);
    expect(widget?.columns[1]?.cell(object, new Date(0))).toBe(5);
    expect(widget?.selectableFields?.map((field) => [field.path, field.value(object)])).toEqual([
      ['spec.color', 'red'],
    ]);
    expect(widget?.scale).toEqual({ specReplicas: '.spec.size', statusReplicas: '.status.size' });
  });
});

describe('patterns', () => {
  it.each([
    ['^(?i)a', 'A', true],
    ['^(?i:a)b', 'Ab', true],
    ['(?i)^a$', 'A', true],
    ['^[[:alpha:]]+$', 'ab', true],
    ['(?P<x>a)', 'a', true],
    ['\\Aa\\z', 'a', true],
    ['[\\w\\-\\.]+', 'a', true],
  ])('%s', (pattern, text, matches) => {
    const found = goPattern(pattern);
    expect('regex' in found && found.regex.test(text)).toBe(matches);
  });

  it.each([
    ['(', 'error parsing regexp: missing closing ): `(`'],
    ['a)', 'error parsing regexp: unexpected ): `a)`'],
    ['[a', 'error parsing regexp: missing closing ]: `[a`'],
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['(a)\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
  ])('%s is refused', (pattern, error) => {
    expect(goPattern(pattern)).toEqual({ error });
  });
});

describe('paths of columns', () => {
  const object = {
    a: {
      'b.c': [1, 2],
      list: [
        { type: 'Ready', status: 'True' },
        { type: 'Other', status: 'False' },
      ],
    },
  };
  it.each<[string, readonly unknown[]]>([
    ['.a.list[0].type', ['Ready']],
    ['.a.list[*].type', ['Ready', 'Other']],
    ['.a.list[?(@.type=="Ready")].status', ['True']],
    ['.a.b\\.c[1]', [2]],
    [".a['b.c'][-1]", [2]],
    ['.nothing.here', []],
    ['a b', []],
  ])('%s', (path, values) => {
    expect(valuesAtPath(object, path)).toEqual(values);
  });
});

import { describe, expect, it } from 'vitest';
import { customResourceKinds } from '../../../src/types/custom-resource-schema.ts';
import { collectIssues, pathText } from '../../../src/types/field-issue.ts';
import type { JSONSchemaProps, ValidationRule } from '../../../src/types/kinds/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from '../../../src/types/meta.ts';
import { checkOpenApiSchema } from '../../../src/types/validation/openapi-schema.ts';

const spec = (rules: readonly ValidationRule[]): JSONSchemaProps => ({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        min: { type: 'integer' },
        max: { type: 'integer' },
        ratio: { type: 'number' },
        'my-name': { type: 'string' },
        namespace: { type: 'string' },
        maybe: { type: 'string', nullable: true },
        when: { type: 'string', format: 'date-time' },
        port: { 'x-kubernetes-int-or-string': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        items: {
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string' }, size: { type: 'integer' } } },
        },
      },
      'x-kubernetes-validations': rules,
    },
  },
});

function faults(rule: ValidationRule): readonly string[] {
  return collectIssues((issues) => checkOpenApiSchema(spec([rule]), issues, { isRoot: true })).map(
    ({ path, message }) => `${pathText(path.slice(4))}: ${message.split('\n')[0] ?? ''}`,
  );
}

describe('rules of a schema', () => {
  it.each([
    'self.min <= self.max',
    'self.ratio > 0.5 && self.ratio * 2.0 < 10.0',
    'self.ratio > 1',
    "self.my__dash__name.startsWith('a') || self.__namespace__ == 'x'",
    '!has(self.maybe) || self.maybe == null || self.maybe.size() > 2',
    "self.when < timestamp('2030-01-01T00:00:00Z')",
    "type(self.port) == int ? self.port > 0 : self.port == 'http'",
    "self.labels.all(k, self.labels[k] != '')",
    "'a' in self.labels && has(self.labels.a)",
    'self.open.anything.goes == 1',
    "self.items.all(i, i.size > 0) && self.items.exists_one(i, i.name == 'a')",
    'self.items.map(i, i.size).sum() < 10',
    'self.items.all(i, has(i.name) && self.items.exists(j, j.name == i.name))',
    'self == oldSelf',
    'self.items == oldSelf.items',
    "self.?my__dash__name.orValue('') != 'x'",
    'cel.bind(n, self.items.size(), n < 5 && n > 0)',
  ])('may say %s', (rule) => {
    expect(faults({ rule })).toEqual([]);
  });

  it.each([
    [{ rule: 'self.mn <= self.max' }, /rule: .*undefined field 'mn'/],
    [{ rule: 'self.items.all(i, i.sizes > 0)' }, /rule: .*undefined field 'sizes'/],
    [{ rule: 'self.min <=' }, /rule: .*Syntax error/],
    [{ rule: 'object.min > 0' }, /rule: .*undeclared reference to 'object'/],
    [{ rule: '"text"' }, /rule: .*must evaluate to a bool/],
    [{ rule: 'true', messageExpression: '1' }, /messageExpression: .*must evaluate to a string/],
    [{ rule: 'true', messageExpression: 'self.x' }, /messageExpression: .*undefined field 'x'/],
    [{ rule: 'true', reason: 'Whatever' }, /reason: Unsupported value/],
    [{ rule: 'true', fieldPath: '.nowhere' }, /fieldPath: .*must be a valid path/],
    [{ rule: 'true', optionalOldSelf: true }, /optionalOldSelf: .*may not be set/],
    [{ rule: 'true &&\n true' }, /message: Required value/],
  ])('may not say %j', (rule: object, wanted) => {
    const [first = ''] = faults({ rule: '', ...rule });
    expect(first).toMatch(wanted);
  });

  it('speak of the former value only where it can be found', () => {
    const schema = (listType: 'map' | 'atomic'): JSONSchemaProps => ({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          'x-kubernetes-list-type': listType,
          ...(listType === 'map' ? { 'x-kubernetes-list-map-keys': ['name'] } : {}),
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' } },
            'x-kubernetes-validations': [{ rule: 'self.name == oldSelf.name' }],
          },
        },
      },
    });
    const count = (listType: 'map' | 'atomic'): number =>
      collectIssues((issues) => checkOpenApiSchema(schema(listType), issues, { isRoot: true })).length;
    expect([count('map'), count('atomic')]).toEqual([0, 1]);
  });
});

describe('objects', () => {
  const kinds = customResourceKinds({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: spec([
              { rule: 'self.min <= self.max', message: 'min is above max' },
              {
                rule: '!oldSelf.hasValue() || self.max >= oldSelf.value().max',
                optionalOldSelf: true,
                message: 'shrinks',
              },
              { rule: 'self.labels.a.size() > 0', reason: 'FieldValueRequired', fieldPath: ".labels['a']" },
            ]),
          },
        },
      ],
    },
  });
  const thing = (more: object): KubeObject => ({
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'a' },
    ...{ spec: { min: 1, max: 2, labels: { a: 'b' }, ...more } },
  });
  const wrong = (next: object, previous?: object): readonly string[] =>
    collectIssues((issues) => {
      if (previous) kinds[0]?.validateUpdate?.(thing(next), thing(previous), issues);
      else kinds[0]?.validateCreate?.(thing(next), issues);
    }).map(({ path, message }) => `${pathText(path)}: ${message}`);

  it('are held to the rules', () => {
    expect(wrong({})).toEqual([]);
    expect(wrong({ min: 3 })).toEqual(['spec: Invalid value: "object": min is above max']);
    expect(wrong({ labels: { a: '' } })).toEqual([
      'spec.labels.a: Required value: failed rule: self.labels.a.size() > 0',
    ]);
    expect(wrong({ labels: {} })).toEqual([
      'spec.labels.a: Invalid value: "object": no such key: a evaluating rule: self.labels.a.size() > 0',
    ]);
  });

  it('are not asked again about what has not changed, but how it changed', () => {
    expect(wrong({ min: 3 }, { min: 3 })).toEqual([]);
    expect(wrong({ min: 3, ratio: 1 }, { min: 3 })).toEqual(['spec: Invalid value: "object": min is above max']);
    expect(wrong({ max: 1 }, { max: 2 })).toEqual(['spec: Invalid value: "object": shrinks']);
  });
});

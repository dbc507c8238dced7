import { describe, expect, it } from 'vitest';
import { fieldQueryText, matchesFields, parseFieldSelector } from '../../src/types/field-selector.ts';
import {
  labelQueryText,
  labelSelectorText,
  matchesLabels,
  matchesLabelSelector,
  parseLabelSelector,
  SelectorError,
} from '../../src/types/label-selector.ts';

describe('label selectors', () => {
  it.each([
    ['app=web', { app: 'web' }, true],
    ['app==web,tier!=db', { app: 'web' }, true],
    ['app==web,tier!=db', { app: 'web', tier: 'db' }, false],
    ['app in (a, b)', { app: 'b' }, true],
    ['app notin (a,b)', {}, true],
    ['app notin (a,b)', { app: 'a' }, false],
    ['app', { app: '' }, true],
    ['!app', { app: '' }, false],
    ['a=', { a: '' }, true],
    ['a=', {}, false],
    ['n>3', { n: '10' }, true],
    ['n<3', { n: '10' }, false],
    ['n<3', { n: 'x' }, false],
    ['in=in,notin in (in)', { in: 'in', notin: 'in' }, true],
    ['x in (,a)', { x: '' }, true],
    ['', {}, true],
    ['toString', {}, false],
    [' app = web , x ', { app: 'web', x: '1' }, true],
  ])('%s of %j is %s', (text, labels, expected) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(expected);
    expect(matchesLabels(parseLabelSelector(labelQueryText(parseLabelSelector(text))), labels)).toBe(expected);
  });
  it.each([
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    [
      'a>b',
      `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    ['a in', "unable to parse requirement: found '' expected: '('"],
  ])('refuses %s', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
  });
  it('matches the selectors inside objects', () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }],
    };
    expect(matchesLabelSelector(selector, { app: 'web', tier: 'b' })).toBe(true);
    expect(matchesLabelSelector(selector, { app: 'web' })).toBe(false);
    expect(matchesLabelSelector({}, undefined)).toBe(true);
    expect(matchesLabelSelector(undefined, {})).toBe(false);
    expect(labelSelectorText(selector)).toBe('app=web,tier in (a,b)');
    expect(labelSelectorText(undefined)).toBe('<none>');
  });
});

describe('field selectors', () => {
  it('reads operators and escapes', () => {
    const query = parseFieldSelector('metadata.name=a\\,b\\=c,status.phase!=Running,spec.x==1');
    expect(query).toEqual([
      { field: 'metadata.name', operator: '=', value: 'a,b=c' },
      { field: 'status.phase', operator: '!=', value: 'Running' },
      { field: 'spec.x', operator: '=', value: '1' },
    ]);
    expect(parseFieldSelector(fieldQueryText(query))).toEqual(query);
    expect(matchesFields(query, (field) => ({ 'metadata.name': 'a,b=c', 'spec.x': '1' })[field] ?? '')).toBe(true);
    expect(matchesFields(query, () => 'Running')).toBe(false);
  });
  it.each([
    ['metadata.name in (a)', "invalid selector: 'metadata.name in (a)'; can't understand 'metadata.name in (a)'"],
    ['a=b\\c', 'invalid field selector: invalid escape sequence: \\c'],
  ])('refuses %s', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(new SelectorError(message));
  });
});

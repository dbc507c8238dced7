/** The part of kubectl's JSONPath that definitions of custom resources use: names, indexes, `[*]` and `[?(@.a=="b")]`. */
import { isRecord } from '../shared/deep.ts';

type Step = (value: unknown) => readonly unknown[];

const member =
  (name: string): Step =>
  (value) =>
    isRecord(value) && Object.hasOwn(value, name) && value[name] !== undefined ? [value[name]] : [];

const indexed =
  (index: number): Step =>
  (value) =>
    Array.isArray(value) ? [value.at(index)].filter((item) => item !== undefined) : [];

const every: Step = (value) => {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
};

function filtered(path: string, operator: string, literal: string): Step {
  const wanted: unknown = /^["']/.test(literal) ? literal.slice(1, -1) : JSON.parse(literal);
  return (value) =>
    Array.isArray(value) ? value.filter((item) => (firstAtPath(item, path) === wanted) === (operator === '==')) : [];
}

const forms: readonly (readonly [RegExp, (found: RegExpExecArray) => Step])[] = [
  [/^\.([\w$-](?:[\w$-]|\\\.)*)/, ([, name = '']) => member(name.replaceAll('\\.', '.'))],
  [/^\[(['"])((?:(?!\1).)*)\1\]/, ([, , name = '']) => member(name)],
  [/^\.?\[(-?\d{1,9})\]/, ([, index = '0']) => indexed(Number(index))],
  [/^\.?\[\*\]|^\.\*/, () => every],
  [
    /^\[\?\(\s*@((?:\.[\w$-]+)+)\s*(==|!=)\s*("[^"]*"|'[^']*'|true|false|null|-?\d+)\s*\)\]/,
    ([, path = '', operator = '', literal = '']) => filtered(path, operator, literal),
  ],
];

function stepsOf(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  for (let rest = path; rest !== '' && rest !== '.';) {
    const form = forms.find(([pattern]) => pattern.test(rest));
    const found = form?.[0].exec(rest);
    if (!form || !found) return undefined;
    steps.push(form[1](found));
    rest = rest.slice(found[0].length);
  }
  return steps;
}

/** What stands at a path such as `.status.conditions[?(@.type=="Ready")].status`; nothing for a path that cannot be read. */
export function valuesAtPath(value: unknown, path: string): readonly unknown[] {
  let values: readonly unknown[] = [value];
  for (const step of stepsOf(path) ?? [() => []]) values = values.flatMap(step);
  return values;
}

export function firstAtPath(value: unknown, path: string): unknown {
  return valuesAtPath(value, path)[0];
}

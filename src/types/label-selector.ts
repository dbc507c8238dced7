/** Label selectors: the text form of `-l` and `labelSelector`, and the structured form inside objects. */
import type { LabelSelector } from './kinds/generated/meta-v1.gen.ts';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt' | '=' | '!=';
  readonly values: readonly string[];
}

/** All requirements must hold; none at all selects everything. */
export type LabelQuery = readonly LabelRequirement[];
type Labels = Readonly<Record<string, string>> | undefined;

/** A selector that cannot be understood; the API answers it with 400. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

type TokenType =
  'identifier' | 'in' | 'notin' | '=' | '==' | '!=' | '>' | '<' | '!' | '(' | ')' | ',' | 'end' | 'error';
interface Token {
  readonly type: TokenType;
  readonly text: string;
}

const symbols: ReadonlyMap<string, TokenType> = new Map([
  [')', ')'],
  [',', ','],
  ['!', '!'],
  ['==', '=='],
  ['=', '='],
  ['>', '>'],
  ['<', '<'],
  ['!=', '!='],
  ['(', '('],
]);
const special = /[=!(),><]/;
const space = /[ \t\r\n]/;

function readSymbol(text: string, start: number): { readonly token: Token; readonly end: number } {
  let found: Token | undefined;
  let end = start;
  let buffer = '';
  while (end < text.length && special.test(text.charAt(end))) {
    buffer += text.charAt(end);
    const type = symbols.get(buffer);
    if (type !== undefined) found = { type, text: buffer };
    else if (found) break;
    end++;
  }
  return { token: found ?? { type: 'error', text: `error expected: keyword found '${buffer}'` }, end };
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (space.test(text.charAt(at))) {
      at++;
    } else if (special.test(text.charAt(at))) {
      const { token, end } = readSymbol(text, at);
      tokens.push(token);
      at = end;
    } else {
      const start = at;
      while (at < text.length && !special.test(text.charAt(at)) && !space.test(text.charAt(at))) at++;
      const word = text.slice(start, at);
      tokens.push({ type: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
    }
  }
  tokens.push({ type: 'end', text: '' });
  return tokens;
}

const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function keyFaults(key: string): readonly string[] {
  const parts = key.split('/');
  const faults: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return [
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ];
  }
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  if (prefix === '') faults.push('prefix part must be non-empty');
  else if (prefix !== undefined && (!subdomain.test(prefix) || prefix.length > 253)) {
    faults.push(
      "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    );
  }
  if (name === '') faults.push('name part must be non-empty');
  else if (name.length > 63) faults.push('name part must be no more than 63 bytes');
  if (!qualifiedName.test(name)) {
    faults.push(
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    );
  }
  return faults;
}

function valueFaults(value: string): readonly string[] {
  const faults: string[] = [];
  if (value.length > 63) faults.push('must be no more than 63 bytes');
  if (!labelValue.test(value)) {
    faults.push(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    );
  }
  return faults;
}

/** Recursive descent, with the complaints of apimachinery's labels.Parser. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  parse(): LabelQuery {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.type === 'end') return requirements;
      if (token.type !== 'identifier' && token.type !== '!') {
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const after = this.#take();
      if (after.type === 'end') return requirements;
      if (after.type !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
      const next = this.#peek();
      if (next.type !== 'identifier' && next.type !== '!') {
        throw new SelectorError(`found '${next.text}', expected: identifier after ','`);
      }
    }
  }

  /** `in` and `notin` are words like others except where an operator stands. */
  #peek(): Token {
    const token = this.#tokens[this.#at] ?? { type: 'end', text: '' };
    return token.type === 'in' || token.type === 'notin' ? { type: 'identifier', text: token.text } : token;
  }
  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
  #fail(text: string): never {
    throw new SelectorError(`unable to parse requirement: ${text}`);
  }

  #requirement(): LabelRequirement {
    let key = this.#take();
    const negated = key.type === '!';
    if (negated) key = this.#take();
    if (key.type !== 'identifier') this.#fail(`found '${key.text}', expected: identifier`);
    const faults = keyFaults(key.text);
    if (faults.length > 0) this.#fail(`<nil>: Invalid value: ${JSON.stringify(key.text)}: ${faults.join('; ')}`);
    if (negated) return { key: key.text, operator: 'DoesNotExist', values: [] };
    const next = this.#peek().type;
    if (next === 'end' || next === ',') return { key: key.text, operator: 'Exists', values: [] };
    const operator = this.#operator();
    const values = operator === 'In' || operator === 'NotIn' ? this.#values() : [this.#exactValue()];
    this.#check(key.text, operator, values);
    return { key: key.text, operator, values };
  }

  #operator(): LabelRequirement['operator'] {
    const token = this.#tokens[this.#at++] ?? { type: 'end', text: '' };
    switch (token.type) {
      case 'in':
        return 'In';
      case 'notin':
        return 'NotIn';
      case '=':
      case '==':
        return '=';
      case '!=':
        return '!=';
      case '>':
        return 'Gt';
      case '<':
        return 'Lt';
      default:
        return this.#fail(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #exactValue(): string {
    const next = this.#peek().type;
    if (next === 'end' || next === ',') return '';
    const token = this.#take();
    if (token.type !== 'identifier') this.#fail(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #values(): readonly string[] {
    const open = this.#take();
    if (open.type !== '(') this.#fail(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.type === ')') {
      this.#take();
      return [];
    }
    if (first.type !== 'identifier' && first.type !== ',') {
      this.#fail(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = new Set<string>();
    while (this.#valueInto(values));
    const close = this.#take();
    if (close.type !== ')') this.#fail(`found '${close.text}', expected: ')'`);
    return [...values].sort();
  }

  /** Reads one value or comma; says whether the list goes on. An empty place between commas is an empty value. */
  #valueInto(values: Set<string>): boolean {
    const token = this.#take();
    if (token.type === 'identifier') {
      values.add(token.text);
      const next = this.#peek();
      if (next.type === ')') return false;
      if (next.type !== ',') this.#fail(`found '${next.text}', expected: ',' or ')'`);
      return true;
    }
    if (token.type !== ',') this.#fail(`found '${token.text}', expected: ',', or identifier`);
    if (values.size === 0) values.add('');
    const next = this.#peek();
    if (next.type === ')') {
      values.add('');
      return false;
    }
    if (next.type === ',') values.add('');
    return true;
  }

  #check(key: string, operator: LabelRequirement['operator'], values: readonly string[]): void {
    if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
      this.#fail("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
    }
    for (const [i, value] of values.entries()) {
      if ((operator === 'Gt' || operator === 'Lt') && !/^[+-]?\d+$/.test(value)) {
        this.#fail(
          `values[${i}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
      }
      const faults = valueFaults(value);
      if (faults.length > 0) {
        this.#fail(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${faults.join('; ')}`);
      }
    }
  }
}

/**
 * Reads `app=web,tier in (a, b),!old,n>3`.
 *
 * @throws SelectorError with upstream's text.
 */
export function parseLabelSelector(text: string): LabelQuery {
  return text === '' ? [] : new Parser(text).parse();
}

function requirementHolds(requirement: LabelRequirement, labels: Labels): boolean {
  const { key, operator, values } = requirement;
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
      return value !== undefined && value === values[0];
    case '!=':
      return value === undefined || value !== values[0];
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      const difference = BigInt(value) - BigInt(values[0] ?? '0');
      return operator === 'Gt' ? difference > 0n : difference < 0n;
    }
  }
}

export function matchesLabels(query: LabelQuery, labels: Labels): boolean {
  for (const requirement of query) if (!requirementHolds(requirement, labels)) return false;
  return true;
}

/** Whether labels are selected by a meta/v1 LabelSelector. As upstream, no selector selects nothing and an empty one everything; one with an unknown operator selects nothing either. */
export function matchesLabelSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const wanted = selector.matchLabels;
  if (wanted !== undefined) {
    for (const key in wanted) {
      if (labels === undefined || !Object.hasOwn(labels, key) || labels[key] !== wanted[key]) return false;
    }
  }
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    if (!isOperator(operator) || !requirementHolds({ key, operator, values }, labels)) return false;
  }
  return true;
}

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;

function isOperator(text: string): text is (typeof operators)[number] {
  return operators.some((operator) => operator === text);
}

function expressionRequirement(key: string, operator: string, values: readonly string[] = []): LabelRequirement {
  if (isOperator(operator)) return { key, operator, values };
  throw new SelectorError(`"${operator}" is not a valid label selector operator`);
}

/** The requirements of a meta/v1 LabelSelector, sorted by key as upstream prints them. */
export function labelQueryOf(selector: LabelSelector): LabelQuery {
  const equalities = Object.entries(selector.matchLabels ?? {}).map(([key, value]): LabelRequirement => ({
    key,
    operator: '=',
    values: [value],
  }));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) =>
    expressionRequirement(key, operator, values),
  );
  return [...equalities, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'Gt':
      return `${key}>${values[0] ?? ''}`;
    case 'Lt':
      return `${key}<${values[0] ?? ''}`;
    case 'In':
    case 'NotIn':
      return `${key} ${operator.toLowerCase()} (${[...values].sort().join(',')})`;
    default:
      return `${key}${operator}${values[0] ?? ''}`;
  }
}

/** The text form, `app=web,tier in (a,b)`; what parseLabelSelector reads back. */
export function labelQueryText(query: LabelQuery): string {
  return query.map(requirementText).join(',');
}

/** As `labelQueryText` for a meta/v1 LabelSelector; `<none>` without one, as kubectl's selector columns print it. */
export function labelSelectorText(selector: LabelSelector | undefined): string {
  return selector === undefined ? '<none>' : labelQueryText(labelQueryOf(selector));
}

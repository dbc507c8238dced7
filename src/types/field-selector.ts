/** Field selectors: `metadata.name=web,status.phase!=Running`. Backslash escapes `,`, `=` and itself. */
import { SelectorError } from './label-selector.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** All requirements must hold; none at all selects everything. */
export type FieldQuery = readonly FieldRequirement[];

function splitTerms(text: string): readonly string[] {
  const terms: string[] = [];
  let start = 0;
  let escaped = false;
  for (let i = 0; i < text.length; i++) {
    if (escaped) escaped = false;
    else if (text[i] === '\\') escaped = true;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescape(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let plain = '';
  for (let i = 0; i < value.length; i++) {
    const character = value.charAt(i);
    if (character === '\\') {
      const next = value.charAt(++i);
      if (next !== '\\' && next !== ',' && next !== '=') {
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${next}`);
      }
      plain += next;
    } else if (character === ',' || character === '=') {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`);
    } else plain += character;
  }
  return plain;
}

/**
 * @throws SelectorError with upstream's text (apimachinery, fields.ParseSelector).
 */
export function parseFieldSelector(text: string): FieldQuery {
  const query: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === '') continue;
    const found = /!=|==|=/.exec(term);
    if (!found) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    const field = term.slice(0, found.index);
    const value = unescape(term.slice(found.index + found[0].length));
    query.push({ field, operator: found[0] === '!=' ? '!=' : '=', value });
  }
  return query;
}

/** `valueOf` answers the text of a field, the empty string where it is unset. */
export function matchesFields(query: FieldQuery, valueOf: (field: string) => string): boolean {
  for (const { field, operator, value } of query) {
    if ((valueOf(field) === value) !== (operator === '=')) return false;
  }
  return true;
}

export function fieldQueryText(query: FieldQuery): string {
  return query.map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`).join(',');
}

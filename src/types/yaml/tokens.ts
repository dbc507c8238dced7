/** The words of a YAML text with their places, for rules about how something is written. */
import { Lexer } from 'yaml';

export interface Token {
  readonly kind: 'plain' | 'quoted' | 'anchor' | 'alias' | 'comment';
  readonly text: string;
  /** Index into the text. */
  readonly start: number;
}

/** The lexer puts these between the words; they stand for nothing in the text. */
const signs: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

export function* tokensOf(text: string): Iterable<Token> {
  let start = 0;
  let scalar = false;
  let block = false;
  for (const source of new Lexer().lex(text)) {
    if (signs.has(source)) {
      scalar = source === '\u001f';
      continue;
    }
    const first = source[0] ?? '';
    if (scalar) {
      if (!block) yield { kind: 'plain', text: source, start };
      block = false;
    } else if (first === '|' || first === '>') block = true;
    else if (first === '"' || first === "'") yield { kind: 'quoted', text: source, start };
    else if (first === '#') yield { kind: 'comment', text: source, start };
    else if (first === '&' && source.length > 1) yield { kind: 'anchor', text: source, start };
    else if (first === '*' && source.length > 1) yield { kind: 'alias', text: source, start };
    scalar = false;
    start += source.length;
  }
}

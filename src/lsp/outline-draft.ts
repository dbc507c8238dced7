/** What the outlines of block and flow style are made of. */
import type { OutlineNode, Span } from './outline.ts';

/** Under construction. */
export interface Draft {
  form: OutlineNode['form'];
  parent: Draft | undefined;
  step: string | number;
  children: Draft[];
  key: Span | undefined;
  start: number;
  value: { start: number; end: number };
  flow: boolean;
  style: OutlineNode['style'];
  text: string;
  unfinished: boolean;
  indent: number;
}

export const maxDepth = 200;

export function unquoted(source: string): string {
  if (source.startsWith('"')) {
    const inner = source.endsWith('"') && source.length > 1 ? source.slice(1, -1) : source.slice(1);
    return inner
      .replaceAll(/\\(["\\/])/g, '$1')
      .replaceAll('\\n', '\n')
      .replaceAll('\\t', '\t');
  }
  if (source.startsWith("'")) {
    const inner = source.endsWith("'") && source.length > 1 ? source.slice(1, -1) : source.slice(1);
    return inner.replaceAll("''", "'");
  }
  return source;
}

export function closingQuote(text: string, open: number): number {
  const quote = text[open];
  for (let at = open + 1; at < text.length; at++) {
    const sign = text[at];
    if (sign === '\\' && quote === '"') at += 1;
    else if (sign === quote) {
      if (quote === "'" && text[at + 1] === "'") at += 1;
      else return at;
    }
  }
  return -1;
}

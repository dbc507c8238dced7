/** The outline of what stands in braces and brackets, closed or not. */
import { closingQuote, maxDepth, unquoted } from './outline-draft.ts';
import type { Draft } from './outline-draft.ts';

export class FlowOutliner {
  #depth = 0;

  constructor(
    readonly text: string,
    readonly outer: number,
    readonly draft: (parent: Draft, step: string | number, start: number) => Draft,
  ) {}

  /** From the opening bracket; answers where it ends. */
  collection(node: Draft, open: number, depth: number): number {
    this.#depth = depth;
    const isMap = this.text[open] === '{';
    node.form = isMap ? 'map' : 'list';
    node.flow = true;
    node.value = { start: open, end: open + 1 };
    let at = this.#skip(open + 1);
    while (at < this.text.length) {
      const sign = this.text[at];
      if (sign === '}' || sign === ']') {
        node.value.end = at + 1;
        return at + 1;
      }
      if (sign === ',') at = this.#skip(at + 1);
      else if (this.#leaves(at) || this.#depth > maxDepth) break;
      else {
        const next = this.#skip(isMap ? this.#entry(node, at) : this.#item(node, at));
        at = next > at ? next : at + 1;
      }
    }
    node.value.end = Math.min(at, this.text.length);
    return node.value.end;
  }

  /** A line that is no deeper than what is around, and that looks like a key, is no part of an unclosed bracket. */
  #leaves(at: number): boolean {
    const start = this.text.lastIndexOf('\n', at - 1) + 1;
    const lead = this.text.slice(start, at);
    if (lead.trim() !== '') return false;
    return lead.length <= this.outer && /^(?:- |[\w./-]+:(?:\s|$)|---)/.test(this.text.slice(at, at + 120));
  }

  #skip(from: number): number {
    let at = from;
    for (;;) {
      while (at < this.text.length && /\s/.test(this.text[at] ?? '')) at += 1;
      if (this.text[at] !== '#') return at;
      const end = this.text.indexOf('\n', at);
      at = end < 0 ? this.text.length : end;
    }
  }

  #item(list: Draft, at: number): number {
    const item = this.draft(list, list.children.length, at);
    item.flow = true;
    list.children.push(item);
    return this.#value(item, at);
  }

  #entry(map: Draft, at: number): number {
    const end = this.#scalarEnd(at);
    const source = this.text.slice(at, end).trimEnd();
    const pair = this.draft(map, unquoted(source), at);
    pair.key = { start: at, end: at + source.length };
    pair.flow = true;
    pair.value = { start: end, end };
    map.children.push(pair);
    const colon = this.#skip(end);
    if (this.text[colon] !== ':') {
      pair.unfinished = true;
      return Math.max(end, at + 1);
    }
    const value = this.#skip(colon + 1);
    pair.value = { start: colon + 1, end: colon + 1 };
    if (value >= this.text.length || /[,}\]]/.test(this.text[value] ?? '') || this.#leaves(value)) return value;
    return this.#value(pair, value);
  }

  #value(node: Draft, at: number): number {
    const sign = this.text[at];
    if (sign === '{' || sign === '[') return this.collection(node, at, this.#depth + 1);
    const end = this.#scalarEnd(at);
    const source = this.text.slice(at, end).trimEnd();
    node.form = source === '' ? 'missing' : 'scalar';
    node.style = /^["']/.test(source) ? 'quoted' : source.startsWith('*') ? 'alias' : 'plain';
    node.value = { start: at, end: at + source.length };
    node.text = unquoted(source);
    node.flow = true;
    return Math.max(end, at + 1);
  }

  #scalarEnd(at: number): number {
    const sign = this.text[at];
    if (sign === '"' || sign === "'") {
      const close = closingQuote(this.text, at);
      const line = this.text.indexOf('\n', at);
      return close >= 0 ? close + 1 : line < 0 ? this.text.length : line;
    }
    let end = at;
    for (; end < this.text.length; end++) {
      const here = this.text[end] ?? '';
      if (/[,{}[\]\n]/.test(here)) break;
      if (here === ':' && /[\s,{}[\]]|^$/.test(this.text[end + 1] ?? '')) break;
      if (here === '#' && /\s/.test(this.text[end - 1] ?? '')) break;
    }
    return end;
  }
}

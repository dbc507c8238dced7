/**
 * The outline of one YAML or JSON document: keys, items and scalars with their places, found by indentation alone. It makes
 * sense of documents that are being written and that no parser accepts; what a document means is for the parser to say.
 */

import { FlowOutliner } from './flow-outline.ts';
import { closingQuote, maxDepth, unquoted } from './outline-draft.ts';
import type { Draft } from './outline-draft.ts';

export interface OutlineNode {
  readonly form: 'map' | 'list' | 'scalar' | 'missing';
  readonly parent: OutlineNode | undefined;
  /** Key in a map, index in a list; the empty text for the whole document. */
  readonly step: string | number;
  readonly children: readonly OutlineNode[];
  /** The key in front of it, quotes included. */
  readonly key: Span | undefined;
  /** Where the key, the dash or the value begins. */
  readonly start: number;
  /** The value itself; an empty span where there is none. */
  readonly value: Span;
  /** Written with braces, or inside of them. */
  readonly flow: boolean;
  readonly style: 'plain' | 'quoted' | 'block' | 'alias';
  /** The text of a scalar, quotes taken off. */
  readonly text: string;
  /** A word where a key is due, without its colon. */
  readonly unfinished: boolean;
  /** Column of its keys or dashes, from 0. */
  readonly indent: number;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Index of the colon that ends the key at the beginning of a text, or -1. */
function colonOf(line: string): number {
  const first = line[0];
  if (first === '"' || first === "'") {
    const close = closingQuote(line, 0);
    if (close < 0) return -1;
    const colon = /^\s*:(?=\s|$)/.exec(line.slice(close + 1));
    return colon ? close + colon[0].length : -1;
  }
  for (let at = line.indexOf(':'); at >= 0; at = line.indexOf(':', at + 1)) {
    const next = line[at + 1];
    if (line.lastIndexOf(' #', at) >= 0) return -1;
    if (next === undefined || next === ' ' || next === '\t' || next === '\r') return at;
  }
  return -1;
}

class Outliner {
  readonly root: Draft;
  /** Open collections from the outside to the inside, and the place that still lacks its value. */
  readonly #stack: Draft[] = [];
  #at = 0;

  constructor(readonly text: string) {
    this.root = this.#draft(undefined, '', 0);
  }

  run(): void {
    const { text } = this;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
    while (this.#at < text.length) {
      const start = this.#at;
      const end = this.#lineEnd(start);
      this.#at = end + 1;
      this.#line(start, end);
    }
    this.#close(this.root);
  }

  #draft(parent: Draft | undefined, step: string | number, start: number): Draft {
    return {
      form: 'missing',
      parent,
      step,
      children: [],
      key: undefined,
      start,
      value: { start, end: start },
      flow: false,
      style: 'plain',
      text: '',
      unfinished: false,
      indent: -1,
    };
  }

  #lineEnd(from: number): number {
    const found = this.text.indexOf('\n', from);
    return found < 0 ? this.text.length : found;
  }

  #line(start: number, end: number): void {
    const line = this.text.slice(start, end);
    const content = line.search(/\S/);
    if (content < 0 || line[content] === '#') return;
    if (content === 0 && /^(?:%|\.\.\.(?:\s|$))/.test(line)) return;
    const skipped = /^---(?=\s|$)\s*/.exec(line)?.[0].length ?? 0;
    const at = skipped > 0 ? skipped : content;
    if (at >= line.length || line[at] === '#') return;
    this.#content(start + at, at, end);
  }

  /** What stands on a line from a column on: dashes, a key, a value. */
  #content(offset: number, column: number, end: number): void {
    const { text } = this;
    const rest = text.slice(offset, end);
    const dash = /^-(?:[ \t]+|\r?$)/.exec(rest);
    if (dash) {
      const item = this.#item(offset, column);
      const after = offset + dash[0].length;
      if (item && after < end && text[after] !== '#') this.#content(after, column + dash[0].length, end);
      return;
    }
    const first = rest[0];
    const colon = first === '{' || first === '[' || first === '|' || first === '>' ? -1 : colonOf(rest);
    if (colon >= 0) this.#pair(offset, column, colon, end);
    else this.#loose(offset, column, end);
  }

  #open(column: number, form: 'map' | 'list', offset: number): Draft | undefined {
    const stack = this.#stack;
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      // A list may stand at the column of the key that it belongs to.
      if (top.indent > column || (top.indent === column && top.form === 'list' && form === 'map')) stack.pop();
      else break;
    }
    const top = stack.at(-1);
    if (top?.form === form && top.indent === column) return top;
    const slot = top ? top.children.at(-1) : this.root;
    if (!slot || stack.length > maxDepth) return undefined;
    if (slot.form === 'map' || slot.form === 'list') {
      if (slot.form !== form || slot.flow) return undefined;
      // Badly indented: taken for a part of the collection that is there already.
      stack.push(slot);
      return slot;
    }
    slot.form = form;
    slot.indent = column;
    slot.unfinished = false;
    slot.value = { start: offset, end: offset };
    stack.push(slot);
    return slot;
  }

  #item(offset: number, column: number): Draft | undefined {
    const list = this.#open(column, 'list', offset);
    if (!list) return undefined;
    const item = this.#draft(list, list.children.length, offset);
    item.value = { start: offset + 1, end: offset + 1 };
    list.children.push(item);
    return item;
  }

  #pair(offset: number, column: number, colon: number, end: number): void {
    const map = this.#open(column, 'map', offset);
    if (!map) return;
    const source = this.text.slice(offset, offset + colon).trimEnd();
    const pair = this.#draft(map, unquoted(source), offset);
    pair.key = { start: offset, end: offset + source.length };
    map.children.push(pair);
    const from = offset + colon + 1;
    const gap = this.text.slice(from, end).search(/\S/);
    pair.value = { start: from, end: from };
    if (gap >= 0 && this.text[from + gap] !== '#') this.#value(pair, from + gap, end, column);
  }

  /** Neither key nor dash: a value on a line of its own, the rest of one, or a key that is being written. */
  #loose(offset: number, column: number, end: number): void {
    const stack = this.#stack;
    while (stack.length > 0 && (stack.at(-1)?.indent ?? 0) > column) stack.pop();
    // At the column of a list's dashes, it is a word of the map whose key the list belongs to.
    const below = stack.at(-2);
    if (stack.at(-1)?.form === 'list' && below?.form === 'map' && below.indent === column) stack.pop();
    const top = stack.at(-1);
    const slot = top ? top.children.at(-1) : this.root;
    if (top?.form === 'map' && top.indent === column) {
      this.#unfinished(top, offset, end);
      return;
    }
    if (!slot || slot.form === 'map' || slot.form === 'list') {
      if (slot?.form === 'map' && !slot.flow) this.#unfinished(slot, offset, end);
      return;
    }
    if (slot.form === 'missing') this.#value(slot, offset, end, top?.indent ?? -1);
    else if (slot.style === 'plain') {
      const line = this.#plainEnd(offset, end);
      slot.text = `${slot.text} ${this.text.slice(offset, line)}`;
      slot.value.end = line;
    }
  }

  #unfinished(map: Draft, offset: number, end: number): void {
    const stop = this.#plainEnd(offset, end);
    const source = this.text.slice(offset, stop);
    const node = this.#draft(map, unquoted(source), offset);
    node.key = { start: offset, end: stop };
    node.value = { start: stop, end: stop };
    node.unfinished = true;
    map.children.push(node);
  }

  #plainEnd(offset: number, end: number): number {
    const line = this.text.slice(offset, end);
    const comment = line.search(/\s#/);
    return offset + (comment < 0 ? line : line.slice(0, comment)).trimEnd().length;
  }

  /** `outer` is the column of the collection around: a block scalar goes on as long as lines are deeper. */
  #value(node: Draft, from: number, end: number, outer: number): void {
    const { text } = this;
    let offset = from;
    for (let mark = /^[&!][^\s]*[ \t]*/.exec(text.slice(offset, end)); mark;) {
      offset += mark[0].length;
      mark = /^[&!][^\s]*[ \t]*/.exec(text.slice(offset, end));
    }
    const first = offset < end ? text[offset] : undefined;
    if (first === undefined || first === '\r' || first === '#') {
      node.value = { start: offset, end: offset };
      return;
    }
    if (first === '{' || first === '[') {
      const flow = new FlowOutliner(text, outer, (parent, step, start) => this.#draft(parent, step, start));
      this.#resume(flow.collection(node, offset, 0));
      return;
    }
    node.form = 'scalar';
    if (first === '|' || first === '>') this.#block(node, offset, end, outer);
    else if (first === '"' || first === "'") this.#quoted(node, offset, end);
    else {
      const stop = this.#plainEnd(offset, end);
      node.style = first === '*' ? 'alias' : 'plain';
      node.value = { start: offset, end: stop };
      node.text = text.slice(offset, stop);
    }
  }

  #resume(offset: number): void {
    if (offset < this.#at) return;
    const start = this.text.lastIndexOf('\n', offset - 1) + 1;
    // Nothing of this line belonged to what was read.
    const untouched = start >= this.#at && this.text.slice(start, offset).trim() === '';
    this.#at = untouched ? start : this.#lineEnd(offset) + 1;
  }

  #quoted(node: Draft, offset: number, end: number): void {
    const close = closingQuote(this.text, offset);
    // Quotes that nobody closes end with their line.
    const stop = close < 0 ? this.#plainEnd(offset, end) : close + 1;
    node.style = 'quoted';
    node.value = { start: offset, end: stop };
    node.text = unquoted(this.text.slice(offset, stop));
    this.#resume(stop);
  }

  #block(node: Draft, offset: number, end: number, outer: number): void {
    let last = end;
    let at = end + 1;
    while (at < this.text.length) {
      const stop = this.#lineEnd(at);
      const line = this.text.slice(at, stop);
      const indent = line.search(/\S/);
      if (indent >= 0 && indent <= outer) break;
      if (/^(?:---|\.\.\.)(?:\s|$)/.test(line)) break;
      if (indent >= 0) last = stop;
      at = stop + 1;
    }
    node.style = 'block';
    node.value = { start: offset, end: last };
    node.text = this.text.slice(Math.min(end + 1, last), last);
    this.#at = Math.max(this.#at, at);
  }

  /** Collections end where their last part ends. */
  #close(node: Draft): void {
    for (const child of node.children) this.#close(child);
    const last = node.children.at(-1);
    if (last && !(node.flow && node.value.end > last.value.end))
      node.value.end = Math.max(last.value.end, last.key?.end ?? 0);
  }
}

/** The outline of one document; offsets are indexes into its text. */
export function outlineOf(text: string): OutlineNode {
  const outliner = new Outliner(text);
  outliner.run();
  return outliner.root;
}

export function pathOf(node: OutlineNode): readonly (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: OutlineNode | undefined = node; at?.parent; at = at.parent) path.unshift(at.step);
  return path;
}

export function childOf(node: OutlineNode | undefined, step: string | number): OutlineNode | undefined {
  return node?.children.find((child) => child.step === step && !child.unfinished);
}

export function nodeAt(root: OutlineNode, path: readonly (string | number)[]): OutlineNode | undefined {
  return path.reduce<OutlineNode | undefined>((node, step) => childOf(node, step), root);
}

/** The innermost node whose key or value holds an offset. */
export function nodeAtOffset(root: OutlineNode, offset: number): OutlineNode {
  let found = root;
  for (;;) {
    const inner = found.children.find(
      (child) => child.start <= offset && offset <= Math.max(child.value.end, child.key?.end ?? 0),
    );
    if (!inner) return found;
    found = inner;
  }
}

export function isOnKey({ key }: OutlineNode, offset: number): boolean {
  return key !== undefined && key.start <= offset && offset <= key.end;
}

export function* descendants(node: OutlineNode): Iterable<OutlineNode> {
  for (const child of node.children) {
    yield child;
    yield* descendants(child);
  }
}

/**
 * Reads YAML as manifests are written: block and flow collections, plain, quoted and block scalars, comments, anchors, aliases
 * and merge keys, in one pass over the text. Whatever else there is, and whatever is wrong, makes it give up: the `yaml` package
 * then reads the text and says what is wrong. What it does read it reads as that package does, values and places alike.
 */
import { NodeForm, NodeTableBuilder } from './node-table.ts';
import { Anchors } from './anchors.ts';
import { MapEntries } from './map-entries.ts';
import { blockScalar, foldLines } from './quick-scalar.ts';
import * as sign from './sign.ts';
import { finite, QuickScanner, unsure } from './quick-scanner.ts';
import type { QuickDocumentText } from './quick-document.ts';
import { plainValue } from './scalar.ts';

const mostLevels = 100;
/** YAML allows 1,024 characters up to the colon. */
const longestKey = 1_000;

type Json = Record<string, unknown>;

export class QuickReader {
  readonly #scan: QuickScanner;
  readonly #nodes = new NodeTableBuilder();
  #level = 0;
  #count = 0;
  #anchors = new Anchors();

  constructor(text: string, from: number) {
    this.#scan = new QuickScanner(text, from);
  }

  get reached(): number {
    return this.#scan.at;
  }

  /** @throws Unsure */
  documents(): readonly QuickDocumentText[] {
    const documents: QuickDocumentText[] = [];
    this.#scan.nextToken();
    while (this.#scan.at < this.#scan.text.length) {
      const marked = this.#scan.column < 0;
      if (marked) {
        if (this.#scan.code(0) !== sign.dash) throw unsure;
        this.#scan.at += 3;
      }
      documents.push(this.#document(marked));
    }
    return documents;
  }

  #document(marked: boolean): QuickDocumentText {
    this.#count = 0;
    this.#anchors = new Anchors();
    let start = this.#scan.at;
    if (marked) {
      this.#scan.skipSpaces();
      start = this.#scan.at;
      this.#scan.finishLine();
    }
    let value: unknown = null;
    if (this.#scan.column >= 0) {
      start = this.#scan.at;
      value = this.#root();
      if (this.#scan.column >= 0) throw unsure;
    } else this.#nodes.add(NodeForm.plain, start, start);
    return { value, nodes: this.#nodes.take(), anchors: this.#anchors.places, start };
  }

  #root(): unknown {
    const code = this.#scan.code(0);
    if (code === sign.openBrace || code === sign.openBracket) {
      const value = this.#flow(-1);
      this.#scan.finishLine();
      return value;
    }
    return this.#onItsLine(-1, true);
  }

  #enter(): void {
    this.#level += 1;
    if (this.#level > mostLevels) throw unsure;
  }

  #counted(): void {
    this.#count += 1;
  }

  /** The first thing on a line, or behind the dash of an item: a list, a map, or a scalar. */
  #onItsLine(parent: number, root = false): unknown {
    if (this.#scan.atItem()) return this.#list(this.#scan.column);
    const from = this.#scan.at;
    const key = this.#key();
    if (key !== undefined) return this.#map(this.#scan.column, from, key);
    // A scalar alone is no manifest.
    if (root) throw unsure;
    this.#scan.at = from;
    return this.#inline(parent, false);
  }

  /**
   * The key at this place, when there is one on this line; leaves `#at` behind its colon. Undefined, with `#at` anywhere, when
   * this is no key.
   */
  #key(): string | undefined {
    const from = this.#scan.at;
    const code = this.#scan.code(0);
    if (code === sign.doubleQuote || code === sign.singleQuote) {
      const key = this.#scan.quotedText(code, undefined);
      const end = this.#scan.at;
      if (key === undefined) return undefined;
      this.#scan.skipSpaces();
      if (this.#scan.code(0) !== sign.colon || !this.#scan.isBlank(this.#scan.at + 1)) return undefined;
      return this.#addKey(NodeForm.quoted, from, end, key);
    }
    if (sign.indicators.has(code) || this.#scan.atItem()) return undefined;
    const end = this.#scan.plainEnd();
    this.#scan.at = this.#scan.stop;
    if (this.#scan.code(0) !== sign.colon || end === from) return undefined;
    const source = this.#scan.text.slice(from, end);
    const value = finite(plainValue(source));
    return this.#addKey(NodeForm.plain, from, end, typeof value === 'string' ? value : String(value));
  }

  #addKey(form: NodeForm, from: number, end: number, key: string): string {
    if (this.#scan.at - from > longestKey) throw unsure;
    this.#keyForm = form;
    this.#keyStart = from;
    this.#keyEnd = end;
    this.#scan.at += 1;
    return key;
  }
  #keyForm: NodeForm = NodeForm.plain;
  #keyStart = 0;
  #keyEnd = 0;
  get #isMerge(): boolean {
    return (
      this.#keyForm === NodeForm.plain &&
      this.#keyEnd - this.#keyStart === 2 &&
      this.#scan.text.startsWith('<<', this.#keyStart)
    );
  }

  #map(column: number, start: number, first: string): Json {
    this.#enter();
    this.#counted();
    const node = this.#nodes.add(NodeForm.map, start, start);
    const entries = new MapEntries();
    let key: string | undefined = first;
    for (;;) {
      this.#nodes.add(this.#keyForm, this.#keyStart, this.#keyEnd);
      if (this.#isMerge) entries.merge(this.#value(column));
      else {
        this.#counted();
        entries.add(key, this.#value(column));
      }
      if (this.#scan.column !== column) break;
      key = this.#key();
      if (key === undefined) throw unsure;
    }
    if (this.#scan.column > column) throw unsure;
    this.#nodes.close(node);
    this.#level -= 1;
    return entries.map;
  }

  /** What stands behind the colon of a key. */
  #value(column: number): unknown {
    this.#scan.skipSpaces();
    const at = this.#scan.at;
    if (!this.#scan.isBlank(at) && this.#scan.code(0) !== sign.hash) return this.#inline(column, true);
    this.#scan.finishLine();
    if (this.#scan.column > column) return this.#onItsLine(column);
    if (this.#scan.column === column && this.#scan.atItem()) return this.#list(column);
    return this.#nothing(at);
  }

  #nothing(at: number): null {
    this.#counted();
    this.#nodes.add(NodeForm.plain, at, at);
    return null;
  }

  #list(column: number): unknown[] {
    this.#enter();
    this.#counted();
    const node = this.#nodes.add(NodeForm.list, this.#scan.at, this.#scan.at);
    const items: unknown[] = [];
    do {
      this.#scan.at += 1;
      this.#scan.skipSpaces();
      const at = this.#scan.at;
      if (this.#scan.isBlank(at) || this.#scan.code(0) === sign.hash) {
        this.#scan.finishLine();
        items.push(this.#scan.column > column ? this.#onItsLine(column) : this.#nothing(at));
      } else {
        this.#scan.column = at - this.#scan.line;
        items.push(this.#onItsLine(column));
      }
    } while (this.#scan.column === column && this.#scan.atItem());
    if (this.#scan.column > column) throw unsure;
    this.#nodes.close(node);
    this.#level -= 1;
    return items;
  }

  /** A value on the line where its parent stands; leaves `#at` at the next token. `inMap`: a list may stand below the key. */
  #inline(parent: number, inMap: boolean): unknown {
    const code = this.#scan.code(0);
    switch (code) {
      case sign.doubleQuote:
      case sign.singleQuote: {
        const from = this.#scan.at;
        const text = this.#scan.quotedText(code, parent);
        if (text === undefined) throw unsure;
        this.#counted();
        this.#nodes.add(NodeForm.quoted, from, this.#scan.at);
        this.#scan.finishLine();
        return text;
      }
      case sign.bar:
      case sign.greater:
        return this.#block(parent);
      case sign.openBrace:
      case sign.openBracket: {
        const value = this.#flow(parent);
        this.#scan.finishLine();
        return value;
      }
      case sign.ampersand:
        return this.#anchored(parent, inMap);
      case sign.asterisk: {
        const value = this.#alias();
        this.#scan.finishLine();
        return value;
      }
      default:
        return this.#plain(parent);
    }
  }

  #block(parent: number): string {
    const scalar = blockScalar(this.#scan.text, this.#scan.at, parent);
    if (!scalar) throw unsure;
    this.#counted();
    this.#nodes.add(NodeForm.block, this.#scan.at, scalar.end);
    this.#scan.at = scalar.next;
    this.#scan.nextToken();
    return scalar.value;
  }

  #anchored(parent: number, inMap: boolean): unknown {
    const name = this.#scan.name();
    if (!this.#scan.isBlank(this.#scan.at)) throw unsure;
    this.#scan.skipSpaces();
    const before = this.#count;
    const inline = !this.#scan.isBlank(this.#scan.at) && this.#scan.code(0) !== sign.hash;
    if (inline && (this.#scan.code(0) === sign.ampersand || this.#scan.code(0) === sign.asterisk)) throw unsure;
    if (!inline) {
      this.#scan.finishLine();
      const below = inMap && this.#scan.column === parent && this.#scan.atItem();
      if (this.#scan.column <= parent && !below) throw unsure;
      if (this.#scan.code(0) === sign.ampersand || this.#scan.code(0) === sign.asterisk) throw unsure;
    }
    this.#anchors.begin(name, this.#nodes.next);
    const value = inline ? this.#inline(parent, inMap) : this.#onItsLine(parent);
    this.#anchors.end(name, { value, nodes: this.#count - before });
    return value;
  }

  #alias(): unknown {
    const from = this.#scan.at;
    const name = this.#scan.name();
    const target = this.#anchors.resolve(name);
    this.#nodes.add(NodeForm.alias, from, this.#scan.at);
    this.#count += target.nodes;
    return target.value;
  }

  #plain(parent: number): unknown {
    const from = this.#scan.at;
    if (sign.indicators.has(this.#scan.code(0)) || this.#scan.atItem()) throw unsure;
    let end = this.#scan.plainEnd();
    let commented = false;
    let several = false;
    // Lines that are indented further go on with the text, up to a comment.
    for (;;) {
      this.#scan.at = this.#scan.stop;
      if (this.#scan.code(0) === sign.colon) throw unsure;
      commented ||= this.#scan.code(0) === sign.hash;
      const line = this.#scan.at;
      this.#scan.finishLine();
      if (this.#scan.column <= parent) break;
      if (commented || this.#scan.text.slice(line, this.#scan.line).includes('#')) throw unsure;
      several = true;
      end = this.#scan.plainEnd();
    }
    this.#counted();
    this.#nodes.add(NodeForm.plain, from, end);
    const source = this.#scan.text.slice(from, end);
    if (several && source.includes('\r')) throw unsure;
    return finite(plainValue(several ? foldLines(source) : source));
  }

  #flow(parent: number): unknown {
    this.#enter();
    this.#counted();
    const isMap = this.#scan.code(0) === sign.openBrace;
    const node = this.#nodes.add(isMap ? NodeForm.map : NodeForm.list, this.#scan.at, this.#scan.at);
    this.#scan.at += 1;
    const value = isMap ? this.#flowMap(parent) : this.#flowList(parent);
    this.#scan.at += 1;
    this.#nodes.close(node);
    this.#level -= 1;
    return value;
  }

  #flowMap(parent: number): Json {
    const entries = new MapEntries();
    for (;;) {
      this.#scan.flowSpace(parent);
      if (this.#scan.code(0) === sign.closeBrace) return entries.map;
      const key = this.#flowKey();
      const merges = this.#isMerge;
      this.#nodes.add(this.#keyForm, this.#keyStart, this.#keyEnd);
      if (!merges) this.#counted();
      this.#scan.flowSpace(parent);
      const value = this.#flowValue(parent);
      if (merges) entries.merge(value);
      else entries.add(key, value);
      this.#scan.flowSpace(parent);
      if (this.#scan.code(0) === sign.closeBrace) return entries.map;
      if (this.#scan.code(0) !== sign.comma) throw unsure;
      this.#scan.at += 1;
    }
  }

  #flowList(parent: number): unknown[] {
    const items: unknown[] = [];
    for (;;) {
      this.#scan.flowSpace(parent);
      if (this.#scan.code(0) === sign.closeBracket) return items;
      items.push(this.#flowValue(parent));
      this.#scan.flowSpace(parent);
      if (this.#scan.code(0) === sign.closeBracket) return items;
      if (this.#scan.code(0) !== sign.comma) throw unsure;
      this.#scan.at += 1;
    }
  }

  #flowKey(): string {
    const from = this.#scan.at;
    const code = this.#scan.code(0);
    if (code === sign.doubleQuote || code === sign.singleQuote) {
      const key = this.#scan.quotedText(code, undefined);
      const end = this.#scan.at;
      if (key === undefined) throw unsure;
      this.#scan.skipSpaces();
      if (this.#scan.code(0) !== sign.colon) throw unsure;
      return this.#addKey(NodeForm.quoted, from, end, key);
    }
    if (sign.indicators.has(code) || this.#scan.code(0) === sign.dash) throw unsure;
    const end = this.#scan.plainEnd(true);
    this.#scan.at = this.#scan.stop;
    if (this.#scan.code(0) !== sign.colon || end === from) throw unsure;
    const value = finite(plainValue(this.#scan.text.slice(from, end)));
    return this.#addKey(NodeForm.plain, from, end, typeof value === 'string' ? value : String(value));
  }

  #flowValue(parent: number): unknown {
    const code = this.#scan.code(0);
    if (code === sign.openBrace || code === sign.openBracket) return this.#flow(parent);
    const from = this.#scan.at;
    if (code === sign.asterisk) return this.#alias();
    if (code === sign.doubleQuote || code === sign.singleQuote) {
      const text = this.#scan.quotedText(code, undefined);
      if (text === undefined) throw unsure;
      this.#counted();
      this.#nodes.add(NodeForm.quoted, from, this.#scan.at);
      return text;
    }
    if (
      sign.indicators.has(code) ||
      (code === sign.dash && (this.#scan.isBlank(from + 1) || sign.isFlowSign(this.#scan.code(1))))
    )
      throw unsure;
    const end = this.#scan.plainEnd(true);
    this.#counted();
    this.#nodes.add(NodeForm.plain, from, end);
    this.#scan.at = this.#scan.stop;
    return finite(plainValue(this.#scan.text.slice(from, end)));
  }
}

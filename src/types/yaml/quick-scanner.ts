/** The signs of a YAML text: lines and their first tokens, white and comments, plain and quoted texts. */
import * as sign from './sign.ts';
import { doubleQuoted, singleQuoted } from './quick-scalar.ts';

/** Says that the text is not for this reader. */
export class Unsure extends Error {}

export const unsure = new Unsure();

/** JSON has no infinities. */
export function finite<T>(value: T): T {
  if (typeof value === 'number' && !Number.isFinite(value)) throw unsure;
  return value;
}

export class QuickScanner {
  at: number;
  /** Where the present line begins. */
  line = 0;
  /** Of the token at `at`, which is the first of its line; -1 at the end of the document. */
  column = 0;
  /** Where the plain scalar on a line was left: at its colon, its comment or the end of the line. */
  stop = 0;

  constructor(
    readonly text: string,
    from: number,
  ) {
    this.at = from;
  }

  code(offset: number): number {
    const at = this.at + offset;
    // Beyond the end there is no number to compare with.
    return at < this.text.length ? this.text.charCodeAt(at) : sign.lineFeed;
  }

  isBlank(at: number): boolean {
    if (at >= this.text.length) return true;
    const code = this.text.charCodeAt(at);
    return (
      code === sign.space ||
      code === sign.lineFeed ||
      (code === sign.carriageReturn && this.text.charCodeAt(at + 1) === sign.lineFeed)
    );
  }

  skipSpaces(): void {
    while (this.code(0) === sign.space) this.at += 1;
  }

  /** Nothing but a comment may stand in the rest of the line; goes on to the next token. */
  finishLine(): void {
    const from = this.at;
    this.skipSpaces();
    if (this.code(0) === sign.hash) {
      if (this.at === from && this.text.charCodeAt(from - 1) !== sign.space) throw unsure;
      const end = this.text.indexOf('\n', this.at);
      this.at = end < 0 ? this.text.length : end;
    }
    if (!this.isBlank(this.at)) throw unsure;
    this.at = Math.min(this.at + (this.code(0) === sign.carriageReturn ? 2 : 1), this.text.length);
    this.nextToken();
  }

  /** From the beginning of a line to the next thing that is neither white nor a comment. */
  nextToken(): void {
    const text = this.text;
    const { length } = text;
    let at = this.at;
    for (;;) {
      const line = at;
      while (at < length && text.charCodeAt(at) === sign.space) at += 1;
      const code = at < length ? text.charCodeAt(at) : 0;
      if (code === sign.lineFeed) at += 1;
      else if (code === sign.carriageReturn && text.charCodeAt(at + 1) === sign.lineFeed) at += 2;
      else if (code === sign.hash) {
        const end = text.indexOf('\n', at);
        at = end < 0 ? length : end + 1;
      } else {
        this.at = at;
        this.line = line;
        this.column = at >= length ? -1 : at - line;
        if (code === sign.tab || (this.column === 0 && code === 37)) throw unsure;
        if (this.column === 0 && (code === sign.dash || code === sign.dot) && this.isMarker()) this.column = -1;
        return;
      }
    }
  }

  isMarker(): boolean {
    const first = this.code(0);
    if (this.code(1) !== first || this.code(2) !== first) return false;
    return this.isBlank(this.at + 3) || this.code(3) === sign.tab;
  }

  /** Whether a dash here begins an item. */
  atItem(): boolean {
    return this.code(0) === sign.dash && this.isBlank(this.at + 1);
  }

  name(): string {
    const from = this.at + 1;
    let at = from;
    while (/[A-Za-z0-9_-]/.test(this.text.charAt(at))) at += 1;
    this.at = at;
    if (at === from) throw unsure;
    return this.text.slice(from, at);
  }

  /** Where the plain text that starts here ends on this line, without the spaces behind it. Sets `stop`. */
  plainEnd(inFlow = false): number {
    const text = this.text;
    const { length } = text;
    let at = this.at;
    let end = at;
    for (; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === sign.space) continue;
      if (code === sign.lineFeed) break;
      if (code < sign.space) {
        if (code === sign.carriageReturn && text.charCodeAt(at + 1) === sign.lineFeed) break;
        throw unsure;
      }
      if (code === sign.colon) {
        if (this.isBlank(at + 1)) break;
        if (text.charCodeAt(at + 1) === sign.tab) throw unsure;
      } else if (code === sign.hash && text.charCodeAt(at - 1) === sign.space) break;
      if (inFlow && sign.isFlowSign(code)) break;
      if (inFlow && code === sign.colon && sign.isFlowSign(text.charCodeAt(at + 1))) throw unsure;
      end = at + 1;
    }
    this.stop = at;
    return end;
  }

  /**
   * The text in quotes at this place; leaves `at` behind it. `parent` is the column that further lines have to be right of;
   * without, there may be one line only, and undefined says that there are more.
   */
  quotedText(quote: number, parent: number | undefined): string | undefined {
    const text = this.text;
    const from = this.at + 1;
    let at = from;
    let lines = 1;
    for (; ; at += 1) {
      if (at >= text.length) return undefined;
      const code = text.charCodeAt(at);
      if (code === quote) {
        if (quote === sign.doubleQuote || text.charCodeAt(at + 1) !== sign.singleQuote) break;
        at += 1;
      } else if (code === 92 && quote === sign.doubleQuote) at += 1;
      else if (code === sign.lineFeed) {
        if (parent === undefined || parent < 0) return undefined;
        lines += 1;
        let next = at + 1;
        while (text.charCodeAt(next) === sign.space) next += 1;
        if (next - at - 1 <= parent && text.charCodeAt(next) !== sign.lineFeed) return undefined;
        at = next - 1;
      }
    }
    this.at = at + 1;
    const content = text.slice(from, at);
    // How tabs and foreign line ends are folded is for the slower reader.
    if (lines > 1 && /[\t\r]/.test(content)) return undefined;
    return quote === sign.doubleQuote ? doubleQuoted(content) : singleQuoted(content);
  }

  /** White and comments inside a flow collection. Tabs indent JSON. */
  flowSpace(parent: number): void {
    const { text } = this;
    for (;;) {
      this.#skipFlowWhite(parent);
      const code = this.code(0);
      if (code === sign.hash) {
        const before = text.charCodeAt(this.at - 1);
        if (before !== sign.space && before !== sign.lineFeed) throw unsure;
        const end = text.indexOf('\n', this.at);
        this.at = end < 0 ? text.length : end;
      } else if (!this.isBlank(this.at)) return;
      if (this.at >= text.length) throw unsure;
      this.at += this.code(0) === sign.carriageReturn ? 2 : 1;
      this.line = this.at;
      this.#skipFlowWhite(parent);
      const column = this.at - this.line;
      const next = this.code(0);
      if (column <= parent && next !== sign.hash && !this.isBlank(this.at)) throw unsure;
      if (column === 0 && (next === sign.dash || next === sign.dot)) throw unsure;
    }
  }

  #skipFlowWhite(parent: number): void {
    if (parent >= 0) this.skipSpaces();
    else while (this.code(0) === sign.space || this.code(0) === sign.tab) this.at += 1;
  }
}

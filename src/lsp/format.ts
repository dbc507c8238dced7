/**
 * Layout of YAML: two columns per level, one blank after dashes and colons, no blanks at line ends. Comments, quotes, the order
 * of keys and blank lines stay. What would change the meaning of a document is not done.
 */
import { deepEqual } from '../shared/deep.ts';
import { readYamlDocuments } from '../types/yaml/read.ts';
import { outlineOf } from './outline.ts';
import type { OutlineNode } from './outline.ts';

interface LinePlan {
  /** New column of what the line begins with. */
  readonly column: number;
  /** How far the lines that belong to it move. */
  readonly shift: number;
}

interface Line {
  readonly start: number;
  readonly text: string;
}

function linesOf(text: string): readonly Line[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const from = start;
    start += line.length + 1;
    return { start: from, text: line };
  });
}

function indentOf(line: string): number {
  const found = line.search(/\S/);
  return found < 0 ? 0 : found;
}

class Layout {
  readonly #plans = new Map<number, LinePlan>();
  /** Lines inside of texts and braces, by the line that they belong to. */
  readonly #owned = new Map<number, number>();
  readonly #lines: readonly Line[];

  constructor(readonly text: string) {
    this.#lines = linesOf(text);
  }

  /** As many lines as there were. */
  run(): readonly string[] {
    const root = outlineOf(this.text);
    this.#place(root, 0);
    return this.#lines.map((line, index) => this.#line(line, index));
  }

  #lineAt(offset: number): number {
    let low = 0;
    let high = this.#lines.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  /** `column` is where the node's keys or dashes go. */
  #place(node: OutlineNode, column: number): void {
    if (node.flow || (node.form !== 'map' && node.form !== 'list')) {
      this.#own(node);
      return;
    }
    for (const child of node.children) {
      const index = this.#lineAt(child.start);
      const line = this.#lines[index];
      if (line && indentOf(line.text) === child.start - line.start && !this.#plans.has(index)) {
        this.#plans.set(index, { column, shift: column - (child.start - line.start) });
      }
      this.#place(child, this.#inner(node, child, column));
    }
  }

  #inner(node: OutlineNode, child: OutlineNode, column: number): number {
    // A list may stand at the column of its key; the author's choice stays.
    if (node.form === 'map' && child.form === 'list' && child.indent === node.indent) return column;
    return column + 2;
  }

  #own({ start, value }: OutlineNode): void {
    const first = this.#lineAt(start);
    const last = this.#lineAt(Math.max(value.end - 1, start));
    for (let index = first + 1; index <= last; index++) this.#owned.set(index, first);
  }

  /** The line that begins what a line belongs to. */
  #shiftOf(index: number): number {
    for (let at = index; at >= 0; at--) {
      const plan = this.#plans.get(at);
      if (plan) return plan.shift;
    }
    return 0;
  }

  #line({ text }: Line, index: number): string {
    const owner = this.#owned.get(index);
    if (owner !== undefined) return moved(text, this.#shiftOf(owner));
    const plan = this.#plans.get(index);
    if (plan) return `${' '.repeat(plan.column)}${tidy(text.slice(indentOf(text)))}`;
    if (/^\s*#/.test(text)) return this.#comment(text, index);
    return text.trimEnd();
  }

  /** A comment goes where the line goes that it stands above. */
  #comment(text: string, index: number): string {
    const column = indentOf(text);
    for (let at = index + 1; at < this.#lines.length; at++) {
      const line = this.#lines[at]?.text ?? '';
      if (line.trim() === '' || /^\s*#/.test(line)) continue;
      const plan = this.#plans.get(at);
      if (plan && indentOf(line) === column) return `${' '.repeat(plan.column)}${text.trim()}`;
      break;
    }
    for (let at = index - 1; at >= 0; at--) {
      const plan = this.#plans.get(at);
      if (plan && indentOf(this.#lines[at]?.text ?? '') === column) return `${' '.repeat(plan.column)}${text.trim()}`;
    }
    return text.trimEnd();
  }
}

function moved(text: string, shift: number): string {
  if (text.trim() === '') return text.trimEnd();
  if (shift >= 0) return ' '.repeat(shift) + text;
  return text.slice(Math.min(-shift, indentOf(text)));
}

/** One blank behind dashes and behind the colon of a key. */
function tidy(content: string): string {
  const dashes = /^(?:-[ \t]+)*/.exec(content)?.[0] ?? '';
  const rest = content.slice(dashes.length);
  const lead = dashes.replaceAll(/-[ \t]+/g, '- ');
  const key = /^((?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'{[|>&*!][^#"':]*?))[ \t]*:[ \t]+(?=[^\s#])/.exec(rest);
  const spaced = key ? `${key[1] ?? ''}: ${rest.slice(key[0].length)}` : rest;
  return `${lead}${spaced}`.trimEnd();
}

/** No blank lines at the beginning and the end. */
function collapse(lines: readonly string[]): string {
  return lines.join('\n').replace(/^\n+/, '').replace(/\n+$/, '\n');
}

function sameMeaning(a: string, b: string): boolean {
  const before = readYamlDocuments(a);
  const after = readYamlDocuments(b);
  if (before.length !== after.length || before.some(({ problems }) => problems.length > 0)) return false;
  return before.every((document, index) => {
    const other = after[index];
    return other?.problems.length === 0 && deepEqual(document.value, other.value);
  });
}

function isLeftAlone(text: string): boolean {
  return text.trim() === '' || /^\s*[{[]/.test(text) || text.includes('\t');
}

/** What one change makes possible another may need; more rounds than this are never needed by what people write. */
const mostRounds = 5;

/** The text of one document laid out; the same text where that is not safe. */
export function formatDocument(text: string): string {
  if (isLeftAlone(text)) return text;
  const breaks = text.includes('\r\n');
  const plain = breaks ? text.replaceAll('\r\n', '\n') : text;
  let formatted = plain;
  for (let round = 0; round < mostRounds; round += 1) {
    const next = collapse(new Layout(formatted).run());
    if (next === formatted) break;
    formatted = next;
  }
  if (!sameMeaning(plain, formatted)) return text;
  return breaks ? formatted.replaceAll('\n', '\r\n') : formatted;
}

/** The same for some lines, counted from 0, both included: nothing where they cannot be laid out without the others. */
export function formatLines(text: string, first: number, last: number): string {
  if (isLeftAlone(text)) return text;
  const breaks = text.includes('\r\n');
  const before = (breaks ? text.replaceAll('\r\n', '\n') : text).split('\n');
  const after = new Layout(before.join('\n')).run();
  const formatted = before.map((line, index) => (index >= first && index <= last ? (after[index] ?? line) : line));
  const result = formatted.join('\n');
  if (!sameMeaning(before.join('\n'), result)) return text;
  return breaks ? result.replaceAll('\n', '\r\n') : result;
}

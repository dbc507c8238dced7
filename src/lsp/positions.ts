/** Places: the protocol's lines and characters (from 0, UTF-16), the engine's lines and columns (from 1), and offsets. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Position, Range } from 'vscode-languageserver/node';
import type { Position as EnginePosition, Range as EngineRange } from '../lint/diagnostics.ts';
import type { Span } from './outline.ts';

/** Where lines begin, for a text that nobody edits meanwhile. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(readonly text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  positionAt(offset: number): Position {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    const start = this.#starts[low] ?? 0;
    return { line: low, character: Math.max(0, Math.min(offset, this.text.length) - start) };
  }

  /** Places beyond the end of a line or of the text are taken for that end. */
  offsetAt({ line, character }: Position): number {
    if (line < 0) return 0;
    const start = this.#starts[line];
    if (start === undefined) return this.text.length;
    const next = this.#starts[line + 1];
    const end = next === undefined ? this.text.length : next - 1;
    return Math.min(start + Math.max(0, character), end);
  }

  range({ start, end }: Span, shift = 0): Range {
    return { start: this.positionAt(start + shift), end: this.positionAt(end + shift) };
  }

  get lines(): number {
    return this.#starts.length;
  }
}

function fromEngine({ line, column }: EnginePosition): Position {
  return { line: line - 1, character: column - 1 };
}

export function rangeFromEngine({ start, end }: EngineRange): Range {
  return { start: fromEngine(start), end: fromEngine(end) };
}

/** The name under which a document is known to the rules: its path, or for one without a file its address. */
export function pathOfUri(uri: string): string {
  if (!uri.startsWith('file:')) return uri;
  try {
    return fileURLToPath(uri);
  } catch {
    // An address of another machine's file, or one with escapes that are none: it stays what it is.
    return uri;
  }
}

export function uriOfPath(path: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(path) ? path : pathToFileURL(path).href;
}

export function comparePositions(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

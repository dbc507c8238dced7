/** Places in a text that has been edited since they were found. */
import type { ProgramSpan } from './report.ts';

export interface OffsetSpan {
  readonly start: number;
  readonly end: number;
}

export class TextShift {
  readonly #lines: readonly number[];
  readonly #head: number;
  /** In the old text: where the equal end begins. */
  readonly #tail: number;
  readonly #by: number;

  constructor(
    readonly before: string,
    now: string,
  ) {
    const starts = [0];
    for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lines = starts;
    const shorter = Math.min(before.length, now.length);
    let head = 0;
    while (head < shorter && before.charCodeAt(head) === now.charCodeAt(head)) head += 1;
    let tail = 0;
    while (
      tail < shorter - head &&
      before.charCodeAt(before.length - 1 - tail) === now.charCodeAt(now.length - 1 - tail)
    )
      tail += 1;
    this.#head = before === now ? before.length : head;
    this.#tail = before.length - tail;
    this.#by = now.length - before.length;
  }

  /** Undefined where the edit went through the place. */
  span({ line, column, endLine, endColumn }: Omit<ProgramSpan, 'file'>): OffsetSpan | undefined {
    const start = this.#offset(line, column);
    const end = this.#offset(endLine, endColumn);
    if (end <= this.#head) return { start, end };
    if (start >= this.#tail) return { start: start + this.#by, end: end + this.#by };
    // An edit inside of a place, as of a value, leaves the place where it is.
    return start <= this.#head && end >= this.#tail ? { start, end: end + this.#by } : undefined;
  }

  #offset(line: number, column: number): number {
    const start = this.#lines[line - 1];
    return start === undefined ? this.before.length : Math.min(start + column - 1, this.before.length);
  }
}

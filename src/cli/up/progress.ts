/** Live progress: redrawn lines on a terminal, one line per change elsewhere. Writes to the standard error output. */
import { coloured } from '../output.ts';
import type { Readiness } from './readiness.ts';

const marks = { ready: '✓', waiting: '…', failed: '✗' } as const;
const colours = { ready: 'green', waiting: 'yellow', failed: 'red' } as const;

export class Progress {
  readonly #lines = new Map<string, Readiness>();
  #drawn = 0;

  constructor(readonly stream: NodeJS.WriteStream) {}

  /** A line that stays. */
  note(text: string): void {
    this.#erase();
    this.stream.write(`${text}\n`);
    this.#draw();
  }

  set(title: string, readiness: Readiness): void {
    const before = this.#lines.get(title);
    if (before?.state === readiness.state && before.detail === readiness.detail) return;
    this.#lines.set(title, readiness);
    if (!this.stream.isTTY) {
      this.stream.write(`${this.#text(title, readiness)}\n`);
      return;
    }
    this.#erase();
    this.#draw();
  }

  #text(title: string, { state, detail }: Readiness): string {
    const mark = coloured(marks[state], colours[state], this.stream);
    return `${mark} ${title}${detail === '' ? '' : `: ${detail}`}`;
  }

  #erase(): void {
    if (this.#drawn > 0) this.stream.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.stream.isTTY) return;
    // More lines than the terminal has could not be redrawn: the ready ones give way first.
    const room = Math.max(this.stream.rows - 2, 5);
    const entries = [...this.#lines].sort(([, a], [, b]) => Number(a.state === 'ready') - Number(b.state === 'ready'));
    const width = Math.max(this.stream.columns - 1, 20);
    for (const [title, readiness] of entries.slice(0, room)) {
      this.stream.write(`${this.#text(title, readiness).slice(0, width + 10)}\n`);
      this.#drawn += 1;
    }
  }
}

/** Finds fields that stand twice in a JSON object, which `JSON.parse` silently overwrites. Expects text that parses. */
export function duplicateFields(text: string): readonly string[] {
  return new Scan(text).run();
}

interface Level {
  /** Undefined in an array. */
  readonly names: Set<string> | undefined;
  /** Path of the value that is being read, with its dot or bracket. */
  step: string;
  index: number;
}

const QUOTE = 34;
const BACKSLASH = 92;

class Scan {
  readonly #found: string[] = [];
  readonly #levels: Level[] = [];
  #position = 0;
  #expectName = false;

  constructor(readonly text: string) {}

  run(): readonly string[] {
    const { text } = this;
    while (this.#position < text.length) {
      const character = text.charCodeAt(this.#position);
      if (character === QUOTE) this.#string();
      else this.#structure(text.charAt(this.#position));
    }
    return this.#found;
  }

  #structure(character: string): void {
    this.#position++;
    const top = this.#levels.at(-1);
    if (character === '{') {
      this.#levels.push({ names: new Set(), step: '', index: 0 });
      this.#expectName = true;
    } else if (character === '[') {
      this.#levels.push({ names: undefined, step: '[0]', index: 0 });
      this.#expectName = false;
    } else if (character === '}' || character === ']') {
      this.#levels.pop();
      this.#expectName = false;
    } else if (character === ',' && top) {
      this.#expectName = top.names !== undefined;
      if (top.names === undefined) top.step = `[${++top.index}]`;
    }
  }

  #string(): void {
    const start = this.#position++;
    for (;;) {
      const character = this.text.charCodeAt(this.#position);
      if (Number.isNaN(character) || character === QUOTE) break;
      this.#position += character === BACKSLASH ? 2 : 1;
    }
    this.#position++;
    if (!this.#expectName) return;
    this.#expectName = false;
    const name: unknown = JSON.parse(this.text.slice(start, this.#position));
    const top = this.#levels.at(-1);
    if (!top?.names || typeof name !== 'string') return;
    top.step = `.${name}`;
    if (top.names.has(name))
      this.#found.push(
        this.#levels
          .map((level) => level.step)
          .join('')
          .slice(1),
      );
    top.names.add(name);
  }
}

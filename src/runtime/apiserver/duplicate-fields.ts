/** What stands twice in a body, as the strict reading of it complains. */
export interface DuplicateFields {
  readonly found: readonly DuplicateField[];
  /** Where each field stands first, by its path; undefined where complaints come in no such order. */
  readonly places?: ReadonlyMap<string, number>;
}

export interface DuplicateField {
  readonly path: string;
  readonly complaint: string;
  /** Index into the text of the field that stands there again. */
  readonly place: number;
}

/** Finds fields that stand twice in a JSON object, which `JSON.parse` silently overwrites. Expects text that parses. */
export function duplicateFields(text: string): DuplicateFields | undefined {
  if (new Scan(text, undefined).run().length === 0) return undefined;
  // Only a text that is to be complained of is worth the paths of all its fields.
  const places = new Map<string, number>();
  return { found: new Scan(text, places).run(), places };
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
  readonly #found: DuplicateField[] = [];
  readonly #levels: Level[] = [];
  #position = 0;
  #expectName = false;

  constructor(
    readonly text: string,
    readonly places: Map<string, number> | undefined,
  ) {}

  run(): readonly DuplicateField[] {
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
    if (top.names.has(name)) {
      const path = this.#path();
      this.#found.push({ path, complaint: `duplicate field "${path}"`, place: start });
    } else if (this.places) {
      this.places.set(this.#path(), start);
    }
    top.names.add(name);
  }

  #path(): string {
    const steps = this.#levels.map((level) => level.step);
    return steps.join('').replace(/^\./, '');
  }
}

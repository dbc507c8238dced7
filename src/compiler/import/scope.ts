/** Names of variables and types: idiomatic, legal, and each only once. */

const reserved: ReadonlySet<string> = new Set(
  (
    'abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do else ' +
    'enum eval export extends false finally for from function get if implements import in instanceof interface is keyof let ' +
    'module never new null number object of package private protected public readonly require return set static ' +
    'string super switch symbol this throw true try type typeof undefined unique unknown var void while with yield ' +
    'NaN Infinity globalThis process console exports'
  ).split(' '),
);

function words(text: string): readonly string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `web-settings` -> `webSettings`; empty for a text without letters and digits. */
export function camelCase(text: string): string {
  const [first, ...rest] = words(text);
  return first === undefined ? '' : first.toLowerCase() + rest.map((word) => capital(word.toLowerCase())).join('');
}

/** `podTemplate` -> `PodTemplate`; what is written in capitals stays so. */
export function pascalCase(text: string): string {
  return words(text).map(capital).join('');
}

export class Scope {
  readonly #taken = new Set<string>();

  reserve(name: string): void {
    this.#taken.add(name);
  }

  isFree(name: string): boolean {
    return /^[A-Za-z_]/.test(name) && !reserved.has(name) && !this.#taken.has(name);
  }

  /** The first of the candidates that is free, else the last one with a number. */
  take(candidates: readonly string[]): string {
    const free = candidates.find((name) => this.isFree(name)) ?? this.#numbered(candidates.at(-1) ?? '');
    this.#taken.add(free);
    return free;
  }

  #numbered(name: string): string {
    const stem = /^[A-Za-z_]/.test(name) ? name : `object${capital(name)}`;
    for (let number = 2; ; number++) if (this.isFree(`${stem}${number}`)) return `${stem}${number}`;
  }
}

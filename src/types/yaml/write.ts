/**
 * YAML for people: the author's order of keys, quotes only where a reader of YAML 1.1 or 1.2 would take an unquoted text for
 * something else, block scalars for texts of several lines.
 */
import { looksTyped } from './scalar.ts';

/** Texts that need no second look, unless they are words such as `yes`. */
const simple = /^[A-Za-z][A-Za-z0-9_./-]*$/;
const shortWord = /^(?:y|n|yes|no|on|off|true|false|null|e[0-9]+)$/i;

/** A first character that means something to YAML, or a text that ends or comments a value. */
const misleading = /^[\s,[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|^---|^\.\.\.|:(?:\s|$)|\s#|\s$/;
/** What cannot stand in a plain or single-quoted text of one line: controls, line separators, surrogates out of pairs. */
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const unprintableInBlock = new RegExp(unprintable.source.replace('\\u0000-\\u001f', '\\u0000-\\u0008\\u000b-\\u001f'));
const toEscape = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(toEscape, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isPlain(text: string): boolean {
  if (simple.test(text)) return !shortWord.test(text);
  return text !== '' && !misleading.test(text) && !unprintable.test(text) && !looksTyped(text);
}

/** A text on one line. */
function inlineText(text: string): string {
  if (isPlain(text)) return text;
  return unprintable.test(text) ? doubleQuoted(text) : `'${text.replaceAll("'", "''")}'`;
}

function keyText(key: string): string {
  // A key longer than this needs the `? ` form even when quoted (YAML 1.2, implicit keys).
  if (key.length > 1000) return `? ${doubleQuoted(key)}\n`;
  return inlineText(key);
}

/** Whether `|` gives back every character: the indentation is taken from the first line, so that must not be blank or indented. */
function fitsBlock(text: string): boolean {
  return text.includes('\n') && !/^[\s]/.test(text) && !unprintableInBlock.test(text);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  const text = Object.is(value, -0) ? '0' : String(value);
  // YAML 1.1 wants a point in a number with an exponent.
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}

const indents: readonly string[] = Array.from({ length: 64 }, (_, depth) => '  '.repeat(depth));

class Writer {
  #out = '';

  finish(): string {
    return this.#out;
  }

  /** A value after `key:` or `- `; `depth` is the indentation of what follows on further lines. */
  value(value: unknown, depth: number, afterDash: boolean): void {
    switch (typeof value) {
      case 'string':
        this.#text(value, depth, afterDash);
        return;
      case 'number':
        this.#out += `${afterDash ? '' : ' '}${numberText(value)}\n`;
        return;
      case 'boolean':
        this.#out += `${afterDash ? '' : ' '}${value ? 'true' : 'false'}\n`;
        return;
      case 'object':
        if (value === null) this.#out += afterDash ? 'null\n' : ' null\n';
        else if (Array.isArray(value)) this.#list(value, depth, afterDash);
        else this.#map(Object.entries(value), depth, afterDash);
        return;
      default:
        this.#out += afterDash ? 'null\n' : ' null\n';
    }
  }

  #indent(depth: number): string {
    return indents[depth] ?? '  '.repeat(depth);
  }

  #text(text: string, depth: number, afterDash: boolean): void {
    if (!afterDash) this.#out += ' ';
    if (!fitsBlock(text)) {
      this.#out += `${inlineText(text)}\n`;
      return;
    }
    const body = text.replace(/\n+$/, '');
    const trailing = text.length - body.length;
    this.#out += trailing === 0 ? '|-\n' : trailing === 1 ? '|\n' : '|+\n';
    const indent = this.#indent(Math.max(1, depth));
    for (const line of body.split('\n')) this.#out += line === '' ? '\n' : `${indent}${line}\n`;
    this.#out += '\n'.repeat(Math.max(0, trailing - 1));
  }

  #list(list: readonly unknown[], depth: number, afterDash: boolean): void {
    if (list.length === 0) {
      this.#out += afterDash ? '[]\n' : ' []\n';
      return;
    }
    // As kubectl prints them, lists stand below their key without further indentation.
    const own = afterDash ? depth : depth - 1;
    const indent = this.#indent(own);
    if (!afterDash) this.#out += '\n';
    let first = afterDash;
    for (const item of list) {
      this.#out += first ? '- ' : `${indent}- `;
      first = false;
      this.value(item, own + 1, true);
    }
  }

  #map(entries: readonly (readonly [string, unknown])[], depth: number, afterDash: boolean): void {
    const indent = this.#indent(depth);
    let first = afterDash;
    let empty = true;
    for (const [key, value] of entries) {
      if (value === undefined) continue;
      if (empty && !afterDash) this.#out += '\n';
      empty = false;
      if (!first) this.#out += indent;
      first = false;
      const name = keyText(key);
      this.#out += name.startsWith('? ') ? `${name}${indent}:` : `${name}:`;
      this.value(value, depth + 1, false);
    }
    if (empty) this.#out += afterDash ? '{}\n' : ' {}\n';
  }
}

/** One document of JSON values, with a newline at its end. Properties that are undefined are left out. */
export function writeYaml(value: unknown): string {
  const writer = new Writer();
  writer.value(value, 0, true);
  return writer.finish();
}

/** Several documents, separated by `---`. */
export function writeYamlDocuments(values: readonly unknown[]): string {
  return values.map(writeYaml).join('---\n');
}

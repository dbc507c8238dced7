/** The texts of quoted and block scalars. Undefined for what is not surely right: then a slower reader says what is wrong. */

const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
  [' ', ' '],
  ['"', '"'],
  ['/', '/'],
  ['\\', '\\'],
  ['\t', '\t'],
]);
const digitsOf: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** Line breaks in a text that is no block: one is a space, several are one less. */
export function foldLines(text: string): string {
  if (!text.includes('\n')) return text;
  const lines = text.split('\n');
  let folded = lines[0]?.replace(/[ \t]+$/, '') ?? '';
  let breaks = 0;
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    breaks += 1;
    const last = index === lines.length - 1;
    const content = last ? line.replace(/^[ \t]+/, '') : line.replace(/^[ \t]+|[ \t]+$/g, '');
    if (content === '' && !last) continue;
    folded += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + content;
    breaks = 0;
  }
  return folded;
}

export function singleQuoted(content: string): string {
  const folded = foldLines(content);
  return folded.includes("'") ? folded.replaceAll("''", "'") : folded;
}

const lastEscape = /(?<!\\)(?:\\\\)*\\$/;

/** The same with no line break that is not meant: escaped ones join their lines. What is escaped is never folded. */
function foldEscaped(content: string): string | undefined {
  const lines = content.split('\n');
  let folded = '';
  let breaks = 0;
  let joined = true;
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1;
    const body = index === 0 ? line : line.replace(/^ +/, '');
    if (index > 0 && body === '' && !last) {
      if (joined) return undefined;
      breaks += 1;
      continue;
    }
    if (!joined) folded += breaks === 0 ? ' ' : '\n'.repeat(breaks);
    breaks = 0;
    joined = !last && lastEscape.test(body);
    const trimmed = last || joined ? body : body.replace(/ +$/, '');
    // The space of an escape stays.
    const kept = trimmed !== body && lastEscape.test(trimmed) ? `${trimmed} ` : trimmed;
    folded += joined ? body.slice(0, -1) : kept;
  }
  return folded;
}

/** What stands between the quotes. */
export function doubleQuoted(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return foldLines(quoted);
  const content = quoted.includes('\n') ? foldEscaped(quoted) : quoted;
  if (content === undefined) return undefined;
  let text = '';
  let from = 0;
  for (let at = content.indexOf('\\'); at >= 0; at = content.indexOf('\\', from)) {
    text += content.slice(from, at);
    const sign = content.charAt(at + 1);
    const plain = escapes.get(sign);
    const digits = digitsOf.get(sign);
    if (plain !== undefined) {
      text += plain;
      from = at + 2;
    } else if (digits !== undefined) {
      const code = content.slice(at + 2, at + 2 + digits);
      if (code.length !== digits || !/^[0-9a-fA-F]+$/.test(code)) return undefined;
      const point = parseInt(code, 16);
      if (point > 0x10ffff) return undefined;
      text += String.fromCodePoint(point);
      from = at + 2 + digits;
    } else return undefined;
  }
  return text + content.slice(from);
}

export interface BlockScalar {
  readonly value: string;
  /** Where the scalar ends as a node: behind its last line, with `+` behind the blank lines too. */
  readonly end: number;
  /** Where the next line begins that is not blank. */
  readonly next: number;
}

const header = /([|>])([1-9]?)([+-]?)(?: *(?: #[^\n\r]*)?)\n/y;

interface BlockLines {
  readonly lines: readonly string[];
  readonly leading: number;
  readonly trailing: number;
  readonly end: number;
  readonly next: number;
}

/** `from` is where the first line begins; `said` how far the lines are indented, -1 where the first of them says it. */
function blockLines(text: string, from: number, parent: number, said: number): BlockLines | undefined {
  const lines: string[] = [];
  let indent = said;
  let leading = 0;
  let trailing = 0;
  let widest = 0;
  let end = from;
  let at = from;
  while (at < text.length) {
    let column = 0;
    while (text.charCodeAt(at + column) === 32) column += 1;
    const first = at + column;
    let stop = text.indexOf('\n', first);
    if (stop < 0) stop = text.length;
    if (first >= stop) {
      // White lines that are wider than the text say something, and so do spaces at the end of the file.
      if ((indent >= 0 && column > indent) || (stop === text.length && column > 0)) return undefined;
      widest = Math.max(widest, column);
      trailing += 1;
      at = stop + 1;
      continue;
    }
    if (text.charCodeAt(stop - 1) === 13) return undefined;
    if (indent < 0) {
      if (column <= parent || widest > column) return undefined;
      indent = column;
    } else if (column < indent) {
      if (column > parent || text.charCodeAt(first) === 9) return undefined;
      break;
    }
    if (lines.length === 0) leading = trailing;
    else for (; trailing > 0; trailing -= 1) lines.push('');
    trailing = 0;
    lines.push(text.slice(at + indent, stop));
    at = stop + 1;
    end = Math.min(at, text.length);
  }
  return lines.length === 0 ? undefined : { lines, leading, trailing, end, next: Math.min(at, text.length) };
}

/** Lines become one, except around blank and further indented ones. */
function folded(lines: readonly string[]): string {
  let text = '';
  let separator = '';
  let wasIndented = false;
  for (const line of lines) {
    if (line === '') {
      if (separator === '\n') text += '\n';
      else separator = '\n';
      continue;
    }
    const isIndented = line.startsWith(' ') || line.startsWith('\t');
    if (isIndented) {
      if (separator === ' ') separator = '\n';
      else if (!wasIndented && separator === '\n') separator = '\n\n';
    }
    text += separator + line;
    separator = isIndented ? '\n' : ' ';
    wasIndented = isIndented;
  }
  return text;
}

/** `parent` is the column of what the scalar is a part of. */
export function blockScalar(text: string, at: number, parent: number): BlockScalar | undefined {
  header.lastIndex = at;
  const match = header.exec(text);
  if (!match) return undefined;
  const [whole, style, spaces = '', chomping] = match;
  const indent = spaces === '' ? -1 : Math.max(parent, 0) + Number(spaces);
  const read = blockLines(text, at + whole.length, parent, indent);
  if (!read) return undefined;
  const { lines, leading, trailing, end, next } = read;
  const content = style === '|' ? lines.join('\n') : folded(lines);
  const closing = chomping === '-' ? '' : chomping === '+' ? '\n'.repeat(1 + trailing) : '\n';
  return { value: '\n'.repeat(leading) + content + closing, end: chomping === '+' ? next : end, next };
}

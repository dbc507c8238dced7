/** JSON values as TypeScript literals, in the form that prettier gives them (single quotes, as few quotes as possible). */

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** Controls, what editors take for line ends, byte order marks, and halves of surrogate pairs, which no UTF-8 file can hold. */
const invisible =
  /[\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escaped(char: string): string {
  return escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

/** The quote that needs fewer escapes, single ones when it is the same. */
export function textLiteral(text: string): string {
  const quote = count(text, "'") > count(text, '"') ? '"' : "'";
  return `${quote}${text.replace(invisible, escaped).replaceAll(quote, `\\${quote}`)}${quote}`;
}

/** Whether a text reads better as a template literal: it has several lines, and only characters that one may write. */
export function isSeveralLines(text: string): boolean {
  return /\n[^]/.test(text) && text.replace(/[\n\t\\]/g, '').search(invisible) < 0;
}

export function templateLiteral(text: string): string {
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}

export function numberLiteral(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return String(value).replace('e+', 'e');
}

/** Without quotes where a property may stand without. */
export function keyLiteral(key: string): string {
  // Unquoted or quoted, this one would set the prototype.
  if (key === '__proto__') return "['__proto__']";
  return isIdentifier(key) ? key : textLiteral(key);
}

export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(text);
}

/** Columns on a screen, near enough: what lies beyond Latin counts by code points. */
export function widthOf(text: string): number {
  return [...text].length;
}

/**
 * What an unquoted YAML scalar means to Kubernetes: the YAML 1.1 of go-yaml v2, as sigs.k8s.io/yaml reads it.
 * Timestamps stay texts, sexagesimal numbers do not exist, octal may be written 0644 or 0o644.
 */

const words: ReadonlyMap<string, boolean | null | number> = new Map<string, boolean | null | number>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, NaN] as const),
]);

const decimal = /^[-+]?(?:0|[1-9][0-9]*)$/;
const prefixed = /^([-+]?)0(?:([xX])([0-9a-fA-F]+)|([bB])([01]+)|[oO]?([0-7]+))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function prefixedNumber(match: RegExpExecArray): number {
  const [, sign, hex, hexDigits, binary, binaryDigits, octalDigits] = match;
  const value = hex
    ? parseInt(hexDigits ?? '', 16)
    : binary
      ? parseInt(binaryDigits ?? '', 2)
      : parseInt(octalDigits ?? '', 8);
  return sign === '-' ? -value : value;
}

function numberOf(text: string): number | undefined {
  if (decimal.test(text)) return Number(text);
  const match = prefixed.exec(text);
  if (match) return prefixedNumber(match);
  return float.test(text) ? Number(text) : undefined;
}

/** The value of a plain scalar: null, a boolean, a number, or the text itself. */
export function plainValue(source: string): string | number | boolean | null {
  const word = words.get(source);
  if (word !== undefined) return word;
  const first = source.charCodeAt(0);
  // Digits, sign or point: all other texts are texts.
  if (!((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46)) return source;
  return numberOf(source.includes('_') ? source.replaceAll('_', '') : source) ?? source;
}

/** Readings that other YAML readers have and Kubernetes' does not: 1.1's dates, sexagesimals and merge and default keys. */
const foreign =
  /^(?:[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))?)?|[-+]?\.[0-9_]*|[-+]?(?:[0-9][0-9_.]*|\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|[-+]?0[xX][0-9a-fA-F_]+|[-+]?0[oObB]?[0-9_]+|<<|=)$/;

/** Whether some reader of YAML 1.1 or 1.2 would take the unquoted text for something else than a text. */
export function looksTyped(text: string): boolean {
  return words.has(text) || typeof plainValue(text) !== 'string' || foreign.test(text);
}

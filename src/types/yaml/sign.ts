/** Codes of the characters that mean something to YAML. */

export const tab = 9;
export const lineFeed = 10;
export const carriageReturn = 13;
export const space = 32;
export const doubleQuote = 34;
export const hash = 35;
export const ampersand = 38;
export const singleQuote = 39;
export const asterisk = 42;
export const comma = 44;
export const dash = 45;
export const dot = 46;
export const colon = 58;
export const greater = 62;
export const openBracket = 91;
export const closeBracket = 93;
export const openBrace = 123;
export const bar = 124;
export const closeBrace = 125;

/** Signs that begin no plain scalar here, and a few that might, but seldom do. */
export const indicators: ReadonlySet<number> = new Set(
  [...',[]{}#&*!|>\'"%@`?:\t\r'].map((sign) => sign.charCodeAt(0)),
);

export function isFlowSign(code: number): boolean {
  return code === comma || code === openBracket || code === closeBracket || code === openBrace || code === closeBrace;
}

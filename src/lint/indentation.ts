/**
 * Which line of a text is indented wrongly. A parser takes the first line of a block for the right one and complains of those
 * after it; most often it is the first that slipped, and the line that does not keep to the steps of the rest tells.
 */

/** Nobody looks for a blank too many in more than that by hand. */
const LONGEST = 2_000_000;

interface Line {
  readonly number: number;
  /** The column of the dash, or of the text where there is none. */
  readonly lead: number;
  /** The column of the text behind the dashes. */
  readonly content: number;
}

function lineOf(text: string, number: number): Line | undefined {
  const match = /^( *)((?:- +)*)\S/.exec(text);
  if (!match || text.trimStart().startsWith('#')) return undefined;
  const [, blanks = '', dashes = ''] = match;
  return { number, lead: blanks.length, content: blanks.length + dashes.length };
}

/** How far most blocks are indented below the key that they belong to. */
function stepOf(lines: readonly (Line | undefined)[], texts: readonly string[]): number {
  const counts = new Map<number, number>();
  lines.forEach((line, index) => {
    const next = lines[index + 1];
    if (!line || !next || !/:\s*(?:#.*)?$/.test(texts[index] ?? '')) return;
    const step = next.lead - line.content;
    if (step > 0 && next.lead === next.content) counts.set(step, (counts.get(step) ?? 0) + 1);
  });
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return most?.[0] ?? 2;
}

/** Items may begin below the first letter of their key. */
function fits(lead: number, isItem: boolean, parent: Line | undefined, step: number): boolean {
  const offset = lead - (parent?.content ?? -step);
  return offset === step || (isItem && offset === 0);
}

/** The number of the line that slipped, where a parser complains of line `at`; both counted from 1. */
export function slippedLine(text: string, at: number): number {
  if (text.length > LONGEST) return at;
  const texts = text.split('\n');
  const lines = texts.map((line, index) => lineOf(line, index + 1));
  const found = lines[at - 1];
  if (!found) return at;
  const step = stepOf(lines, texts);
  const above = (from: Line): Line | undefined =>
    lines.slice(0, from.number - 1).findLast((line) => line !== undefined && line.content < from.lead);
  const parent = above(found);
  if (!parent) return at;
  const isItem = found.lead < found.content;
  const first = lines.slice(parent.number, at - 1).find((line) => line !== undefined);
  const odd = (line: Line, holder: Line | undefined): boolean =>
    !fits(line.lead, line.lead < line.content, holder, step) &&
    fits(found.lead - (line.content - line.lead), isItem || line.lead < line.content, holder, step);
  if (first && first.lead !== found.lead && odd(first, parent)) return first.number;
  // The line that seems to hold the one complained of may be a neighbour that slipped out.
  const holder = above(parent);
  return odd(parent, holder) ? parent.number : at;
}

/** Prints problems for a terminal: place, message, and the lines of source around the place. */
import { readFileSync } from 'node:fs';
import type { CompileProblem, SourcePlace } from './problem.ts';

/** Characters of a line, and of a line of a message. */
const widest = 200;
const longest = 4_000;

function frameOf(place: SourcePlace): readonly string[] {
  let lines: readonly string[];
  try {
    lines = readFileSync(place.file, 'utf8').split('\n');
  } catch {
    // A frame is a courtesy; the place stands in the message.
    return [];
  }
  const first = Math.max(place.line - 2, 1);
  const last = Math.min(place.line + 1, lines.length);
  const width = String(last).length;
  const shown: string[] = [];
  // Of very long lines the part around the place.
  const from = place.column > widest ? place.column - widest / 2 : 0;
  for (let line = first; line <= last; line++) {
    const text = printable((lines[line - 1] ?? '').slice(from, from + widest));
    shown.push(`${line === place.line ? '>' : ' '} ${String(line).padStart(width)} | ${text}`);
    if (line === place.line)
      shown.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(place.column - 1 - from, 0))}^`);
  }
  return shown;
}

/** What is no text must not reach the terminal as commands to it. */
function printable(line: string): string {
  return line.replaceAll(/[^\P{Cc}\t]/gu, '\uFFFD');
}

function clipped(line: string): string {
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

export function placeText(place: SourcePlace): string {
  return `${place.file}:${place.line}:${place.column}`;
}

/** One problem, several lines. */
export function problemText(problem: CompileProblem): string {
  const where = problem.place ? `${placeText(problem.place)}: ` : '';
  const about = [problem.object, problem.path].filter((part) => part !== undefined && part !== '').join(' ');
  const text = `${where}${problem.severity}: ${about === '' ? '' : `${about}: `}${problem.message}`;
  const lines = text.split('\n').map((line) => printable(clipped(line)));
  if (problem.place) lines.push(...frameOf(problem.place));
  for (const caller of problem.calledFrom ?? []) lines.push(`    called from ${placeText(caller)}`);
  return lines.join('\n');
}

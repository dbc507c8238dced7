/** A text cut at its document markers, so that a document that takes long to read does not keep its neighbours from being read. */
import type { YamlDocument, YamlPosition, YamlProblem, YamlRange } from './read.ts';

export interface DocumentPiece {
  readonly text: string;
  /** Where it begins in the whole. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
}

const marker = /^---(?=[ \t\r\n]|$)/gm;

/** The text itself where directives, which belong to the document after them, stand in it. */
export function documentTexts(text: string): readonly DocumentPiece[] {
  if (text.startsWith('%') || text.includes('\n%')) return [{ text, offset: 0, line: 0 }];
  const starts = [0, ...[...text.matchAll(marker)].map(({ index }) => index).filter((index) => index > 0)];
  const pieces: DocumentPiece[] = [];
  let line = 0;
  for (const [index, offset] of starts.entries()) {
    const piece = text.slice(offset, starts[index + 1]);
    // In front of the first marker stand comments, if anything.
    if (/^[^#\s]/m.test(piece)) pieces.push({ text: piece, offset, line });
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) line += 1;
  }
  return pieces;
}

/** A document of a piece with its places in the whole. */
export function shiftedDocument(document: YamlDocument, { offset, line }: DocumentPiece): YamlDocument {
  const position = (at: YamlPosition): YamlPosition => ({
    line: at.line + line,
    column: at.column,
    offset: at.offset + offset,
  });
  const range = (one: YamlRange | undefined): YamlRange | undefined =>
    one && { start: position(one.start), end: position(one.end) };
  const problem = ({ message, first, ...at }: YamlProblem): YamlProblem => ({
    ...position(at),
    message,
    ...(first ? { first: position(first) } : {}),
  });
  const move = (at: number): number => at + offset;
  return {
    value: document.value,
    partial: document.partial,
    problems: document.problems.map(problem),
    start: position(document.start),
    positionOf: (path, part) => {
      const found = document.positionOf(path, part);
      return found && position(found);
    },
    rangeOf: (path, part) => range(document.rangeOf(path, part)),
    shapeOf: (path) => {
      const shape = document.shapeOf(path);
      return (
        shape && {
          ...shape,
          key: shape.key && [move(shape.key[0]), move(shape.key[1])],
          value: [move(shape.value[0]), move(shape.value[1])],
          first: shape.first === undefined ? undefined : move(shape.first),
          next: shape.next === undefined ? undefined : move(shape.next),
        }
      );
    },
    commentsAt: (path) => document.commentsAt(path),
  };
}

/** Layout of a file or of some of its lines. */
import type { Range, TextEdit } from 'vscode-languageserver/node';
import { formatDocument, formatLines } from '../format.ts';
import type { Session } from '../session.ts';
import type { Feature } from './feature.ts';

/** Line by line, so that cursors and folds stay where they are. */
function lineEdits(before: string, after: string, firstLine: number): readonly TextEdit[] {
  const old = before.split('\n');
  const fresh = after.split('\n');
  if (old.length !== fresh.length) {
    const end = { line: firstLine + old.length - 1, character: old.at(-1)?.length ?? 0 };
    return [{ range: { start: { line: firstLine, character: 0 }, end }, newText: after }];
  }
  return old.flatMap((line, index) => {
    const newText = fresh[index] ?? '';
    if (line === newText) return [];
    const at = firstLine + index;
    return [{ range: { start: { line: at, character: 0 }, end: { line: at, character: line.length } }, newText }];
  });
}

function editsOf(session: Session, uri: string, range: Range | undefined): TextEdit[] | null {
  const view = session.view(uri);
  if (!view || /\.json$/i.test(view.path)) return null;
  return view.pieces.flatMap(({ document: { text, line } }) => {
    const formatted = range ? formatLines(text, range.start.line - line, lastLine(range) - line) : formatDocument(text);
    return formatted === text ? [] : lineEdits(text, formatted, line);
  });
}

/** A selection that ends at the beginning of a line does not mean that line. */
function lastLine({ start, end }: Range): number {
  return end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
}

export const formatting: Feature = {
  name: 'formatting',
  capabilities: () => ({ documentFormattingProvider: true, documentRangeFormattingProvider: true }),
  register(connection, session) {
    connection.onDocumentFormatting(({ textDocument }) => editsOf(session, textDocument.uri, undefined));
    connection.onDocumentRangeFormatting(({ textDocument, range }) => editsOf(session, textDocument.uri, range));
  },
};

/** From a word to its pair, its map, its object, its document. */
import type { Range, SelectionRange } from 'vscode-languageserver/node';
import type { OutlineNode, Span } from '../outline.ts';
import type { Cursor, Session } from '../session.ts';
import type { Feature } from './feature.ts';

function spansAround({ node, offset, piece }: Cursor): readonly Span[] {
  const spans: Span[] = [{ start: 0, end: piece.part.text.trimEnd().length }];
  const chain: OutlineNode[] = [];
  for (let at: OutlineNode | undefined = node; at; at = at.parent) chain.unshift(at);
  for (const { start, key, value } of chain) {
    spans.push({ start, end: Math.max(value.end, key?.end ?? 0) });
    if (value.start <= offset && offset <= value.end) spans.push(value);
    else if (key && key.start <= offset && offset <= key.end) spans.push(key);
  }
  return spans.filter(({ start, end }) => start <= offset && offset <= end);
}

function selectionAt(cursor: Cursor, session: Session): SelectionRange {
  let result: SelectionRange | undefined;
  let last: Span | undefined;
  for (const span of spansAround(cursor)) {
    // Each one has to lie inside of the one before.
    if (
      last &&
      (span.start < last.start || span.end > last.end || (span.start === last.start && span.end === last.end))
    )
      continue;
    last = span;
    const range: Range = session.range(cursor, span);
    result = { range, ...(result ? { parent: result } : {}) };
  }
  return result ?? { range: session.range(cursor, { start: cursor.offset, end: cursor.offset }) };
}

export const selection: Feature = {
  name: 'selection',
  capabilities: () => ({ selectionRangeProvider: true }),
  register(connection, session) {
    connection.onSelectionRanges(({ textDocument, positions }) =>
      positions.map((position) => {
        const cursor = session.cursor(textDocument.uri, position);
        return cursor ? selectionAt(cursor, session) : { range: { start: position, end: position } };
      }),
    );
  },
};

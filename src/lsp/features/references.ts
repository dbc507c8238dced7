/** What uses something: everywhere it is named. */
import { nameAt, placesOfName } from '../fact-at.ts';
import { locationOf } from './definition.ts';
import type { Feature } from './feature.ts';

export const references: Feature = {
  name: 'references',
  capabilities: () => ({ referencesProvider: true, documentHighlightProvider: true }),
  register(connection, session) {
    connection.onReferences(({ textDocument, position, context }) => {
      const cursor = session.cursor(textDocument.uri, position);
      const name = cursor ? nameAt(cursor) : undefined;
      if (!cursor || !name) return null;
      return placesOfName(name, cursor)
        .filter(({ placed }) => context.includeDeclaration || placed.fact.role === 'names')
        .flatMap(({ placed: { fact, piece } }) => locationOf(cursor.project, piece, fact.span) ?? []);
    });
    connection.onDocumentHighlight(({ textDocument, position }) => {
      const cursor = session.cursor(textDocument.uri, position);
      const name = cursor ? nameAt(cursor) : undefined;
      if (!cursor || !name) return null;
      return placesOfName(name, cursor)
        .filter(({ placed }) => placed.piece.path === cursor.path)
        .map(({ placed: { fact, piece } }) => ({ range: session.range({ lines: cursor.lines, piece }, fact.span) }));
    });
  },
};

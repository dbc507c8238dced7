/** Colours for names that lead somewhere: a name that leads nowhere stays a plain text. */
import { SemanticTokensBuilder } from 'vscode-languageserver/node';
import type { Range, SemanticTokens } from 'vscode-languageserver/node';
import type { Fact } from '../facts.ts';
import type { Session } from '../session.ts';
import type { Feature } from './feature.ts';

const tokenTypes = ['class', 'property', 'variable', 'enumMember', 'label'];
const tokenModifiers = ['declaration'];

const typeOf: Readonly<Record<Fact['what'], number>> = {
  object: 0,
  key: 1,
  volume: 2,
  'container-port': 3,
  'service-port': 3,
  label: 4,
};

function tokensOf(session: Session, uri: string, range: Range | undefined): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  const view = session.view(uri);
  const tokens: { readonly span: Range; readonly type: number; readonly declares: boolean }[] = [];
  for (const piece of view?.pieces ?? []) {
    if (!view) break;
    for (const fact of view.project.facts(piece).facts) {
      if (fact.what === 'label') continue;
      const span = view.lines.range(fact.span, piece.document.offset);
      if (range && (span.end.line < range.start.line || span.start.line > range.end.line)) continue;
      const declares = fact.role === 'declares';
      if (!declares && !view.project.placesOf(fact, piece).some((place) => place.fact.role === 'declares')) continue;
      // A token ends with its line.
      if (span.start.line === span.end.line) tokens.push({ span, type: typeOf[fact.what], declares });
    }
  }
  tokens.sort((a, b) => a.span.start.line - b.span.start.line || a.span.start.character - b.span.start.character);
  for (const { span, type, declares } of tokens) {
    const { line, character } = span.start;
    builder.push(line, character, span.end.character - character, type, declares ? 1 : 0);
  }
  return builder.build();
}

export const semanticTokens: Feature = {
  name: 'semantic-tokens',
  capabilities: () => ({
    semanticTokensProvider: { legend: { tokenTypes, tokenModifiers }, full: true, range: true },
  }),
  register(connection, session) {
    connection.languages.semanticTokens.on(({ textDocument }) => tokensOf(session, textDocument.uri, undefined));
    connection.languages.semanticTokens.onRange(({ textDocument, range }) =>
      tokensOf(session, textDocument.uri, range),
    );
  },
};

/** Objects of all files by name. */
import { SymbolKind } from 'vscode-languageserver/node';
import type { SymbolInformation } from 'vscode-languageserver/node';
import { locationOf } from './definition.ts';
import type { Feature } from './feature.ts';

const most = 500;

/** The letters of the query in their order, as editors expect. */
function fits(text: string, query: string): boolean {
  let at = 0;
  for (const letter of query) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

export const workspaceSymbols: Feature = {
  name: 'workspace-symbols',
  capabilities: () => ({ workspaceSymbolProvider: true }),
  register(connection, session) {
    connection.onWorkspaceSymbol(({ query }, token) => {
      const wanted = query.toLowerCase().replaceAll(' ', '');
      const symbols: SymbolInformation[] = [];
      for (const project of session.projects) {
        for (const { fact, piece } of project.symbols.objects) {
          if (token.isCancellationRequested || symbols.length >= most) return symbols;
          if (!fits(`${fact.kind}/${fact.name}`.toLowerCase(), wanted)) continue;
          const location = locationOf(project, piece, fact.span);
          const containerName =
            fact.namespace === '' || fact.namespace === '*' ? fact.kind : `${fact.kind} in ${fact.namespace}`;
          if (location)
            symbols.push({ name: `${fact.kind} ${fact.name}`, kind: SymbolKind.Class, location, containerName });
        }
      }
      return symbols;
    });
  },
};

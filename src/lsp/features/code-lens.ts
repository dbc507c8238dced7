/** Above each object: what uses it, and which pods it selects. Off unless the settings turn it on. */
import type { CodeLens } from 'vscode-languageserver/node';
import { objectSymbol } from '../facts.ts';
import type { ObjectFact } from '../facts.ts';
import { isEmptySelector } from '../selector-at.ts';
import type { Piece, Project } from '../project.ts';
import type { Feature } from './feature.ts';

function selectorText(project: Project, piece: Piece, object: ObjectFact): string | undefined {
  const selectors = project
    .facts(piece)
    .selectors.filter(({ whole, own }) => !own && object.whole.start <= whole.start && whole.end <= object.whole.end)
    .filter(({ selector }) => !isEmptySelector(selector));
  const [first] = selectors;
  // Of a policy, the pods that it is about; those that it lets in come behind.
  if (!first || object.podLabels !== undefined) return undefined;
  const selected = project.podsSelected(first);
  if (selected.length === 0) return 'selects no pods';
  return `selects pods of ${selected.map(({ fact: { kind, name } }) => `${kind} ${name}`).join(', ')}`;
}

function titlesOf(project: Project, piece: Piece, fact: ObjectFact): readonly string[] {
  const symbol = objectSymbol(fact.group, fact.kind, fact.namespace, fact.name);
  const uses = project.placesOf({ symbol, local: false }, piece).filter((place) => place.fact.role === 'names').length;
  const used = uses === 0 ? [] : [`used in ${uses} ${uses === 1 ? 'place' : 'places'}`];
  const selects = selectorText(project, piece, fact);
  return selects === undefined ? used : [...used, selects];
}

export const codeLens: Feature = {
  name: 'code-lens',
  capabilities: () => ({ codeLensProvider: { resolveProvider: false } }),
  register(connection, session) {
    connection.onCodeLens(({ textDocument: { uri } }) => {
      const view = session.view(uri);
      if (!view || !session.settings.codeLens || !view.project.loaded) return null;
      const { project, lines, pieces } = view;
      const lenses: CodeLens[] = [];
      for (const piece of pieces) {
        for (const fact of project.facts(piece).objects) {
          const range = lines.range({ start: fact.whole.start, end: fact.whole.start }, piece.document.offset);
          for (const title of titlesOf(project, piece, fact)) lenses.push({ range, command: { title, command: '' } });
        }
      }
      return lenses;
    });
  },
};

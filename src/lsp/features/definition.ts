/** Where something is declared: objects, keys, ports, volumes, labels, anchors, and the kinds of custom resources. */
import type { Location } from 'vscode-languageserver/node';
import { nameAt, placesOfName } from '../fact-at.ts';
import { childOf } from '../outline.ts';
import type { Span } from '../outline.ts';
import { textAt } from '../object-view.ts';
import { uriOfPath } from '../positions.ts';
import type { Piece, Project } from '../project.ts';
import type { Cursor } from '../session.ts';
import type { Feature } from './feature.ts';

export function locationOf(project: Project, piece: Piece, span: Span): Location | undefined {
  const lines = project.lines(piece.path);
  return lines ? { uri: uriOfPath(piece.path), range: lines.range(span, piece.document.offset) } : undefined;
}

function anchorOf({ project, piece, node }: Cursor): Location | undefined {
  if (node.style !== 'alias') return undefined;
  const name = node.text.slice(1);
  const at = [...piece.part.text.slice(0, node.start).matchAll(/&([^\s,[\]{}]+)/g)].findLast(
    ([, anchor]) => anchor === name,
  );
  return at ? locationOf(project, piece, { start: at.index, end: at.index + at[0].length }) : undefined;
}

function definitionOfKind({ project, node, object }: Cursor): Location | undefined {
  if (node.step !== 'kind' || node.parent !== object.node) return undefined;
  for (const { fact, piece } of project.objectsOf('apiextensions.k8s.io', 'CustomResourceDefinition')) {
    const spec = childOf(project.outline(piece), 'spec');
    if (textAt(spec, 'names', 'kind') === object.kindName && fact.name.length > 0)
      return locationOf(project, piece, fact.span);
  }
  return undefined;
}

/** On the key of a selector: the objects whose pods it finds. */
function selectedBy({ project, piece, offset }: Cursor): readonly Location[] {
  const selector = project.facts(piece).selectors.find(({ span }) => span.start <= offset && offset <= span.end);
  if (!selector) return [];
  return project.podsSelected(selector).flatMap(({ fact, piece: at }) => locationOf(project, at, fact.span) ?? []);
}

export function definitionsAt(cursor: Cursor): readonly Location[] {
  const name = nameAt(cursor);
  if (!name) {
    const selected = selectedBy(cursor);
    if (selected.length > 0) return selected;
    return [anchorOf(cursor) ?? definitionOfKind(cursor)].filter((one) => one !== undefined);
  }
  return placesOfName(name, cursor)
    .filter(({ placed }) => placed.fact.role === 'declares')
    .flatMap(({ placed: { fact, piece } }) => locationOf(cursor.project, piece, fact.span) ?? []);
}

export const definition: Feature = {
  name: 'definition',
  capabilities: () => ({ definitionProvider: true }),
  register(connection, session) {
    connection.onDefinition(({ textDocument, position }) => {
      const cursor = session.cursor(textDocument.uri, position);
      return cursor ? [...definitionsAt(cursor)] : null;
    });
  },
};

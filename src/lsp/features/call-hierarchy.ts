/** What uses an object, and what it uses, as far as one likes to follow. */
import { SymbolKind } from 'vscode-languageserver/node';
import type { CallHierarchyItem, Range } from 'vscode-languageserver/node';
import { isRecord } from '../../shared/deep.ts';
import { nameAt } from '../fact-at.ts';
import type { ObjectFact } from '../facts.ts';
import type { Span } from '../outline.ts';
import { uriOfPath } from '../positions.ts';
import type { Placed, Project } from '../project.ts';
import type { Cursor, Session } from '../session.ts';
import type { Use } from '../uses.ts';
import { symbolOfObject, usedBy, usersOf } from '../uses.ts';
import type { Feature } from './feature.ts';

function contains({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

/** The object that is named at the cursor, else the one that the cursor is in. */
function objectAt({ project, piece, offset, ...cursor }: Cursor): Placed<ObjectFact> | undefined {
  const name = nameAt({ project, piece, offset, ...cursor });
  const named = name?.of === 'fact' && name.fact.role === 'names' ? name.fact.symbol : undefined;
  const declared = project.symbols.objects.find(({ fact }) => symbolOfObject(fact) === named);
  if (declared) return declared;
  const around = project.facts(piece).objects.find(({ whole }) => contains(whole, offset));
  return around ? { fact: around, piece } : undefined;
}

function rangeOf(project: Project, { piece }: Pick<Placed<ObjectFact>, 'piece'>, span: Span): Range {
  const start = { line: 0, character: 0 };
  return project.lines(piece.path)?.range(span, piece.document.offset) ?? { start, end: start };
}

function itemOf(project: Project, { fact, piece }: Placed<ObjectFact>): CallHierarchyItem {
  const { kind, name, namespace, whole, span } = fact;
  const file = piece.path.slice(piece.path.lastIndexOf('/') + 1);
  return {
    name: `${kind} ${name}`,
    kind: SymbolKind.Class,
    detail: namespace === '' || namespace === '*' ? file : `${namespace}, ${file}`,
    uri: uriOfPath(piece.path),
    range: rangeOf(project, { piece }, whole),
    selectionRange: rangeOf(project, { piece }, span),
    data: { symbol: symbolOfObject(fact), path: piece.path },
  };
}

/** Undefined for items of files that have changed since. */
function objectOf(
  item: CallHierarchyItem,
  session: Session,
): { project: Project; object: Placed<ObjectFact> } | undefined {
  const data: unknown = item.data;
  const project = session.view(item.uri)?.project;
  if (!project || !isRecord(data)) return undefined;
  const all = project.symbols.objects.filter(({ fact }) => symbolOfObject(fact) === data['symbol']);
  const object = all.find(({ piece }) => piece.path === data['path']) ?? all[0];
  return object ? { project, object } : undefined;
}

function grouped(uses: readonly Use[]): readonly { readonly object: Placed<ObjectFact>; readonly spans: Span[] }[] {
  const groups = new Map<ObjectFact, { object: Placed<ObjectFact>; spans: Span[] }>();
  for (const { object, span } of uses) {
    const group = groups.get(object.fact) ?? { object, spans: [] };
    if (!group.spans.some(({ start }) => start === span.start)) group.spans.push(span);
    groups.set(object.fact, group);
  }
  return [...groups.values()];
}

export const callHierarchy: Feature = {
  name: 'call-hierarchy',
  capabilities: () => ({ callHierarchyProvider: true }),
  register(connection, session) {
    connection.languages.callHierarchy.onPrepare(({ textDocument, position }) => {
      const cursor = session.cursor(textDocument.uri, position);
      const object = cursor ? objectAt(cursor) : undefined;
      return cursor && object ? [itemOf(cursor.project, object)] : null;
    });
    connection.languages.callHierarchy.onIncomingCalls(({ item }) => {
      const found = objectOf(item, session);
      if (!found) return null;
      const { project, object } = found;
      return grouped(usersOf(project, object)).map(({ object: user, spans }) => ({
        from: itemOf(project, user),
        fromRanges: spans.map((span) => rangeOf(project, user, span)),
      }));
    });
    connection.languages.callHierarchy.onOutgoingCalls(({ item }) => {
      const found = objectOf(item, session);
      if (!found) return null;
      const { project, object } = found;
      return grouped(usedBy(project, object)).map(({ object: used, spans }) => ({
        to: itemOf(project, used),
        // Where the user says it, not where it is declared.
        fromRanges: spans.map((span) => rangeOf(project, object, span)),
      }));
    });
  },
};

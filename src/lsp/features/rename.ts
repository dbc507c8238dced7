/** Another name for something, in all files that say it. */
import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { nameAt, placesOfName } from '../fact-at.ts';
import type { NameAt } from '../fact-at.ts';
import type { Span } from '../outline.ts';
import { uriOfPath } from '../positions.ts';
import type { Cursor, Session } from '../session.ts';
import type { Feature } from './feature.ts';

/** Without its quotes. */
function inner(text: string, { start, end }: Span): Span {
  const first = text[start];
  return (first === '"' || first === "'") && end - start > 1 && text[end - 1] === first
    ? { start: start + 1, end: end - 1 }
    : { start, end };
}

function spanOf(name: NameAt): Span {
  return name.of === 'fact' ? name.fact.span : name.port.span;
}

/** Labels are pairs; what renaming one would mean is not certain. */
function isRenamable(name: NameAt): boolean {
  return name.of === 'port' || (name.fact.what !== 'label' && !/^\d+$/.test(name.fact.name));
}

const allowed = {
  object: {
    pattern: /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/,
    text: 'lower case letters, digits, - and ., beginning and ending with a letter or digit',
  },
  key: { pattern: /^[-._a-zA-Z0-9]{1,253}$/, text: 'letters, digits, -, _ and .' },
  port: {
    pattern: /^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/,
    text: 'at most 15 lower case letters, digits and -, with at least one letter',
  },
  volume: { pattern: /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, text: 'at most 63 lower case letters, digits and -' },
} as const;

function ruleFor(name: NameAt): (typeof allowed)[keyof typeof allowed] {
  if (name.of === 'port') return allowed.port;
  const { what } = name.fact;
  return what === 'key'
    ? allowed.key
    : what === 'volume'
      ? allowed.volume
      : what === 'object'
        ? allowed.object
        : allowed.port;
}

function editsFor(name: NameAt, cursor: Cursor, newName: string): ReadonlyMap<string, TextEdit[]> {
  const edits = new Map<string, TextEdit[]>();
  for (const { placed } of placesOfName(name, cursor)) {
    const { fact, piece } = placed;
    const lines = cursor.project.lines(piece.path);
    if (!lines) continue;
    const uri = uriOfPath(piece.path);
    const list = edits.get(uri) ?? [];
    list.push({ range: lines.range(inner(piece.part.text, fact.span), piece.document.offset), newText: newName });
    edits.set(uri, list);
  }
  return edits;
}

/** With the versions that it is meant for, where the client understands that. */
export function workspaceEdit(edits: ReadonlyMap<string, readonly TextEdit[]>, session: Session): WorkspaceEdit {
  if (session.client.workspace?.workspaceEdit?.documentChanges !== true) {
    return { changes: Object.fromEntries([...edits].map(([uri, list]) => [uri, [...list]])) };
  }
  return {
    documentChanges: [...edits].map(([uri, list]) => ({
      textDocument: { uri, version: session.documents.get(uri)?.text.version ?? null },
      edits: [...list],
    })),
  };
}

export const rename: Feature = {
  name: 'rename',
  capabilities: (client) => ({
    renameProvider: client.textDocument?.rename?.prepareSupport === true ? { prepareProvider: true } : true,
  }),
  register(connection, session) {
    connection.onPrepareRename(({ textDocument, position }) => {
      const cursor = session.cursor(textDocument.uri, position);
      const name = cursor ? nameAt(cursor) : undefined;
      if (!cursor || !name || !isRenamable(name)) return null;
      return session.range(cursor, inner(cursor.piece.part.text, spanOf(name)));
    });
    connection.onRenameRequest(({ textDocument, position, newName }) => {
      const cursor = session.cursor(textDocument.uri, position);
      const name = cursor ? nameAt(cursor) : undefined;
      if (!cursor || !name || !isRenamable(name)) return null;
      const { pattern, text } = ruleFor(name);
      if (!pattern.test(newName)) {
        return new ResponseError(
          ErrorCodes.InvalidParams,
          `${JSON.stringify(newName)} is no name that Kubernetes takes here: ${text}`,
        );
      }
      return workspaceEdit(editsFor(name, cursor, newName), session);
    });
  },
};

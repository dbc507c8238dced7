/** Another name for something, in all files that say it. */
import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { uriOfPath } from '../positions.ts';
import { planRename, RenameRefusal, renamingAt } from '../rename-plan.ts';
import type { RenamedPlace } from '../rename-plan.ts';
import type { Cursor, Session } from '../session.ts';
import type { Feature } from './feature.ts';

function editsFor(places: readonly RenamedPlace[], { project }: Cursor): ReadonlyMap<string, TextEdit[]> {
  const edits = new Map<string, TextEdit[]>();
  for (const { piece, span, newText } of places) {
    const lines = project.lines(piece.path);
    if (!lines) continue;
    const uri = uriOfPath(piece.path);
    const list = edits.get(uri) ?? [];
    list.push({ range: lines.range(span, piece.document.offset), newText });
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

function renamed(cursor: Cursor, newName: string, session: Session): WorkspaceEdit | ResponseError | null {
  const renaming = renamingAt(cursor);
  if (!renaming) return null;
  try {
    return workspaceEdit(editsFor(planRename(renaming, newName, cursor), cursor), session);
  } catch (error) {
    if (error instanceof RenameRefusal) return new ResponseError(ErrorCodes.InvalidParams, error.message);
    throw error;
  }
}

export const rename: Feature = {
  name: 'rename',
  capabilities: (client) => ({
    renameProvider: client.textDocument?.rename?.prepareSupport === true ? { prepareProvider: true } : true,
  }),
  register(connection, session) {
    connection.onPrepareRename(({ textDocument, position }) => {
      const cursor = session.cursor(textDocument.uri, position);
      const renaming = cursor ? renamingAt(cursor) : undefined;
      return cursor && renaming ? session.range(cursor, renaming.span) : null;
    });
    connection.onRenameRequest(({ textDocument, position, newName }) => {
      const cursor = session.cursor(textDocument.uri, position);
      return cursor ? renamed(cursor, newName, session) : null;
    });
  },
};

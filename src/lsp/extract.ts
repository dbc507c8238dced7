/** The objects of a file as the program a person would write, in a file beside it. */
import { CodeActionKind } from 'vscode-languageserver/node';
import type { CodeAction } from 'vscode-languageserver/node';
import { programText } from '../compiler/import/program.ts';
import { uriOfPath } from './positions.ts';
import type { Project } from './project.ts';
import type { Session } from './session.ts';

export const extractKind = `${CodeActionKind.RefactorExtract}.kubewright`;

/** Only for clients that can make files, and for files that have objects and no problems. */
export function extractAction(session: Session, project: Project, path: string): CodeAction | undefined {
  const ability = session.client.workspace?.workspaceEdit;
  if (ability?.documentChanges !== true || ability.resourceOperations?.includes('create') !== true) return undefined;
  if (!/\.ya?ml$/i.test(path)) return undefined;
  const parts = project.pieces(path).map(({ part }) => part);
  if (parts.some(({ problems }) => problems.length > 0)) return undefined;
  const sources = parts.flatMap(({ objects }) =>
    objects.map(({ candidate, yaml, base }) => ({
      object: candidate,
      comments: (inner: readonly (string | number)[]) => yaml.commentsAt([...base, ...inner]),
    })),
  );
  if (sources.length === 0) return undefined;
  const target = path.replace(/\.ya?ml$/i, '.ts');
  const uri = uriOfPath(target);
  const start = { line: 0, character: 0 };
  return {
    title: `Write as a program: ${target.slice(target.lastIndexOf('/') + 1)}`,
    kind: extractKind,
    edit: {
      documentChanges: [
        { kind: 'create', uri, options: { ignoreIfExists: false, overwrite: false } },
        {
          textDocument: { uri, version: null },
          edits: [{ range: { start, end: start }, newText: programText(sources) }],
        },
      ],
    },
  };
}

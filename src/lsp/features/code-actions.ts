/** What can be done about findings, and the objects that are missing. */
import { CodeActionKind } from 'vscode-languageserver/node';
import type { CodeAction, Diagnostic, Range } from 'vscode-languageserver/node';
import { applyEdits } from '../../lint/fixes.ts';
import type { Diagnostic as EngineDiagnostic, TextEdit } from '../../lint/diagnostics.ts';
import { isRecord } from '../../shared/deep.ts';
import { extractAction, extractKind } from '../extract.ts';
import { comparePositions, rangeFromEngine } from '../positions.ts';
import type { LineIndex } from '../positions.ts';
import { fixesFor, missingObject } from '../quick-fixes.ts';
import type { QuickFix } from '../quick-fixes.ts';
import type { Session } from '../session.ts';
import { engineDiagnostics, toProtocol } from './diagnostics.ts';
import type { Feature } from './feature.ts';
import { workspaceEdit } from './rename.ts';

const fixAll = `${CodeActionKind.SourceFixAll}.kubewright`;

function touches(range: Range, other: Range): boolean {
  return comparePositions(range.start, other.end) <= 0 && comparePositions(other.start, range.end) <= 0;
}

function wants(only: readonly string[] | undefined, kind: string): boolean {
  return only === undefined || only.some((one) => kind === one || kind.startsWith(`${one}.`));
}

class Actions {
  readonly found: CodeAction[] = [];

  constructor(
    readonly session: Session,
    readonly uri: string,
    readonly lines: LineIndex,
    readonly lazily: boolean,
  ) {}

  add(fix: QuickFix, diagnostic: Diagnostic | undefined): void {
    const { title, preferred } = fix;
    const edits = this.lazily ? undefined : fix.edits();
    if (!this.lazily && edits === undefined) return;
    this.found.push({
      title,
      kind: CodeActionKind.QuickFix,
      ...(diagnostic ? { diagnostics: [diagnostic] } : {}),
      ...(preferred ? { isPreferred: true } : {}),
      ...(edits ? { edit: this.edit(edits) } : { data: { uri: this.uri, title, range: diagnostic?.range } }),
    });
  }

  edit(edits: readonly TextEdit[]): NonNullable<CodeAction['edit']> {
    const own = edits.map(({ start, end, newText }) => ({ range: this.lines.range({ start, end }), newText }));
    return workspaceEdit(new Map([[this.uri, own]]), this.session);
  }
}

/** All fixes that do not stand in each other's way, as the edit of the whole text. */
function allFixes(diagnostics: readonly EngineDiagnostic[], text: string): TextEdit | undefined {
  const groups = diagnostics.flatMap(({ fix }) => (fix ? [fix.edits()] : [])).filter((edits) => edits !== undefined);
  const fixed = applyEdits(text, groups);
  return fixed.applied === 0 ? undefined : { start: 0, end: text.length, newText: fixed.text };
}

function actionsFor(
  session: Session,
  uri: string,
  range: Range,
  only: readonly string[] | undefined,
  lazily: boolean,
): readonly CodeAction[] {
  const view = session.view(uri);
  if (!view) return [];
  const { project, path, lines } = view;
  const all = engineDiagnostics(project, path);
  const actions = new Actions(session, uri, lines, lazily);
  if (wants(only, CodeActionKind.QuickFix)) {
    for (const diagnostic of all) {
      if (!touches(range, rangeFromEngine(diagnostic.range))) continue;
      for (const fix of fixesFor(diagnostic, project, path)) actions.add(fix, toProtocol(diagnostic));
    }
    const offset = lines.offsetAt(range.start);
    const piece = project.pieceAt(path, offset);
    const missing = piece ? missingObject(project, piece, offset - piece.document.offset) : undefined;
    const about = missing
      ? all.find(({ layer, range: at }) => layer === 'reference' && touches(range, rangeFromEngine(at)))
      : undefined;
    if (missing && project.loaded) {
      const edits = missing.edits() ?? [];
      actions.found.push({
        title: missing.title,
        kind: CodeActionKind.QuickFix,
        edit: actions.edit(edits),
        ...(about ? { diagnostics: [toProtocol(about)] } : {}),
      });
    }
  }
  // Editors ask at every move of the cursor: without being asked for it, only at the top of a document.
  const atTop = range.start.character === 0;
  if (only === undefined ? atTop : wants(only, extractKind)) {
    const extract = extractAction(session, project, path);
    if (extract) actions.found.push(extract);
  }
  if (only !== undefined && wants(only, fixAll)) {
    const whole = allFixes(all, lines.text);
    if (whole) actions.found.push({ title: 'Fix what can be fixed', kind: fixAll, edit: actions.edit([whole]) });
  }
  return actions.found;
}

export const codeActions: Feature = {
  name: 'code-actions',
  capabilities: () => ({
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, extractKind, fixAll], resolveProvider: true },
  }),
  register(connection, session) {
    connection.onCodeAction(({ textDocument: { uri }, range, context }) => {
      const lazily = session.client.textDocument?.codeAction?.resolveSupport?.properties.includes('edit') === true;
      return [...actionsFor(session, uri, range, context.only, lazily)];
    });
    connection.onCodeActionResolve((action) => {
      const data: unknown = action.data;
      const uri = isRecord(data) ? data['uri'] : undefined;
      const range = action.diagnostics?.[0]?.range;
      if (typeof uri !== 'string' || !range) return action;
      const code = action.diagnostics?.[0]?.code;
      const same = actionsFor(session, uri, range, undefined, false).find(
        ({ title, diagnostics }) => title === action.title && diagnostics?.[0]?.code === code,
      );
      return same?.edit ? { ...action, edit: same.edit } : action;
    });
  },
};

/** What can be done about findings, and the objects that are missing. */
import { CodeActionKind } from 'vscode-languageserver/node';
import type { CodeAction, Diagnostic, Range } from 'vscode-languageserver/node';
import { applyEdits } from '../../lint/fixes.ts';
import { Workspace } from '../../lint/workspace.ts';
import type { Project } from '../project.ts';
import type { Diagnostic as EngineDiagnostic, TextEdit } from '../../lint/diagnostics.ts';
import { isRecord } from '../../shared/deep.ts';
import { extractAction, extractKind } from '../extract.ts';
import { comparePositions, rangeFromEngine, uriOfPath } from '../positions.ts';
import type { LineIndex } from '../positions.ts';
import { fixesFor, missingKey, missingObject } from '../quick-fixes.ts';
import type { QuickFix } from '../quick-fixes.ts';
import type { Session } from '../session.ts';
import { engineDiagnostics, toProtocol } from './diagnostics.ts';
import type { Feature } from './feature.ts';
import { workspaceEdit } from './rename.ts';

const fixAll = `${CodeActionKind.SourceFixAll}.kubewright`;

/** Editors may do the first one at every save; the second one changes what programs can do, so it is asked for by name. */
const wholeFixes = [
  { kind: fixAll, title: 'Fix what can be fixed', suggestions: false },
  { kind: `${CodeActionKind.Source}.suggestions.kubewright`, title: 'Apply all suggestions', suggestions: true },
];

function touches(range: Range, other: Range): boolean {
  return comparePositions(range.start, other.end) <= 0 && comparePositions(other.start, range.end) <= 0;
}

function wants(only: readonly string[] | undefined, kind: string): boolean {
  return only === undefined || only.some((one) => kind === one || kind.startsWith(`${one}.`));
}

type View = NonNullable<ReturnType<Session['view']>>;

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

  /** What is named at a place and is nowhere. */
  missing({ project, path }: View, range: Range, all: readonly EngineDiagnostic[]): void {
    const offset = this.lines.offsetAt(range.start);
    const piece = project.pieceAt(path, offset);
    if (!piece) return;
    const about = all.find(({ layer, range: at }) => layer === 'reference' && touches(range, rangeFromEngine(at)));
    const whatAbout = about ? { diagnostics: [toProtocol(about, this.lines.text)] } : {};
    const object = missingObject(project, piece, offset - piece.document.offset);
    if (object) {
      const edit = this.edit(object.edits() ?? []);
      this.found.push({ title: object.title, kind: CodeActionKind.QuickFix, edit, ...whatAbout });
    }
    const key = missingKey(project, piece, offset - piece.document.offset);
    const lines = key ? project.lines(key.path) : undefined;
    if (!key || !lines) return;
    const edits = key.edits.map(({ start, end, newText }) => ({ range: lines.range({ start, end }), newText }));
    const edit = workspaceEdit(new Map([[uriOfPath(key.path), edits]]), this.session);
    this.found.push({ title: key.title, kind: CodeActionKind.QuickFix, edit, ...whatAbout });
  }

  edit(edits: readonly TextEdit[]): NonNullable<CodeAction['edit']> {
    const own = edits.map(({ start, end, newText }) => ({ range: this.lines.range({ start, end }), newText }));
    return workspaceEdit(new Map([[this.uri, own]]), this.session);
  }
}

/** Rounds of fixing: what one fix makes possible another may need. */
const mostRounds = 10;

/** What `kubewright lint --fix` would do: everything that is certain; with `suggestions`, everything. */
function allFixes(project: Project, path: string, before: string, suggestions: boolean): TextEdit | undefined {
  const scratch = new Workspace(project.options);
  let text = before;
  for (let round = 0; round < mostRounds; round += 1) {
    scratch.setFile(path, text);
    const groups = scratch.diagnostics(path).flatMap(({ fix }) => {
      const edits = fix && (suggestions || !fix.suggestion) ? fix.edits() : undefined;
      return edits ? [edits] : [];
    });
    if (groups.length === 0) break;
    text = applyEdits(text, groups).text;
  }
  return text === before ? undefined : differenceOf(before, text);
}

/** What differs, as one edit: everything around keeps its place in the editor. */
function differenceOf(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same += 1;
  return { start, end: before.length - same, newText: after.slice(start, after.length - same) };
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
      const shown = toProtocol(diagnostic, lines.text);
      if (!touches(range, shown.range)) continue;
      for (const fix of fixesFor(diagnostic, project, path)) actions.add(fix, shown);
    }
    if (project.loaded) actions.missing(view, range, all);
  }
  // Editors ask at every move of the cursor: without being asked for it, only at the top of a document.
  const atTop = range.start.character === 0;
  if (only === undefined ? atTop : wants(only, extractKind)) {
    const extract = extractAction(session, project, path);
    if (extract) actions.found.push(extract);
  }
  if (only !== undefined) {
    for (const { kind, title, suggestions } of wholeFixes) {
      if (!wants(only, kind)) continue;
      const edit = allFixes(project, path, lines.text, suggestions);
      if (edit) actions.found.push({ title, kind, edit: actions.edit([edit]) });
    }
  }
  return actions.found;
}

export const codeActions: Feature = {
  name: 'code-actions',
  capabilities: () => ({
    codeActionProvider: {
      codeActionKinds: [CodeActionKind.QuickFix, extractKind, ...wholeFixes.map(({ kind }) => kind)],
      resolveProvider: true,
    },
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

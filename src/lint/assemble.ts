/** What was found in the pieces of a file -> diagnostics with places in the file, without what its author has silenced. */
import { shiftRange } from './diagnostics.ts';
import type { Diagnostic, Fix, Range, RelatedPlace } from './diagnostics.ts';
import type { DocumentText, Found } from './document.ts';
import type { Entry, EntryFound } from './entry.ts';
import { editsOf } from './fixes.ts';
import type { RuleSettings } from './config.ts';
import type { CommentSuppression } from './suppressions.ts';
import type { TextFound } from './text-rules.ts';
import type { FileState, LintedPart, Workspace } from './workspace.ts';

type Silenced = NonNullable<Diagnostic['suppressed']>;

interface Silence {
  readonly names: readonly string[] | undefined;
  used: boolean;
}

interface CommentSilence extends Silence {
  readonly comment: CommentSuppression;
  readonly piece: DocumentText;
}

function silenceOf(comment: CommentSuppression, piece: DocumentText): CommentSilence {
  return { names: comment.names, used: false, comment, piece };
}

/** Nothing but comments, in front of the marker of a document. */
function isPreface({ part, entries }: LintedPart): boolean {
  return entries.length === 0 && part.problems.length === 0 && part.yaml.every(({ partial }) => partial === null);
}

/** Whether a name in a suppression means the rule: its id, another tool's name for it, or its category. */
function means(name: string, rule: string, settings: RuleSettings): boolean {
  return name === rule || settings.named(name).some(({ id }) => id === rule);
}

function silences({ names }: Silence, found: Found, settings: RuleSettings): boolean {
  if (found.layer === 'syntax') return false;
  return names ? names.some((name) => means(name, found.rule, settings)) : true;
}

export interface Assembled {
  readonly diagnostics: readonly Diagnostic[];
  /** What was found and silenced. */
  readonly suppressed: readonly Diagnostic[];
}

function fromTopToBottom(a: Diagnostic, b: Diagnostic): number {
  return a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column;
}

class Assembly {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #suppressed: Diagnostic[] = [];
  readonly #ofFile: CommentSilence[] = [];

  constructor(
    readonly state: FileState,
    readonly workspace: Workspace,
  ) {}

  run(): Assembled {
    const parts = this.workspace.lintedParts(this.state.path);
    parts.forEach(({ comments }, index) => {
      const piece = this.state.pieces[index];
      for (const comment of comments) {
        if (piece && comment.scope === 'file') this.#ofFile.push(silenceOf(comment, piece));
      }
    });
    let above: readonly CommentSilence[] = [];
    parts.forEach((linted, index) => {
      const piece = this.state.pieces[index];
      if (!piece) return;
      const own = linted.comments.filter(({ scope }) => scope !== 'file').map((comment) => silenceOf(comment, piece));
      const silences = [...above, ...own];
      above = index < parts.length - 1 && isPreface(linted) ? silences : [];
      if (above.length === 0) this.#part(linted, piece, silences);
    });
    if (this.state.made.length > 0) for (const entry of this.workspace.entries(this.state.path)) this.#made(entry);
    for (const { used, comment, piece } of this.#ofFile)
      if (!used && this.#expected(comment.names)) this.#unused(comment, piece);
    return {
      diagnostics: this.#diagnostics.sort(fromTopToBottom),
      suppressed: this.#suppressed.sort(fromTopToBottom),
    };
  }

  #part(linted: LintedPart, piece: DocumentText, comments: readonly CommentSilence[]): void {
    const silent = (found: Found): Silenced | undefined => {
      const line = found.range.start.line;
      const fitting = [
        ...comments.filter(
          (one) => one.comment.scope === 'document' || (one.piece === piece && one.comment.line === line),
        ),
        ...this.#ofFile,
      ].filter((silence) => silences(silence, found, this.workspace.settings));
      for (const silence of fitting) silence.used = true;
      const reason = fitting.find(({ comment }) => comment.reason !== undefined)?.comment.reason;
      return fitting.length === 0 ? undefined : reason === undefined ? {} : { reason };
    };
    const quiet = comments.length === 0 && this.#ofFile.length === 0;
    for (const found of [...linted.part.problems, ...linted.texts])
      this.#add(found, piece, undefined, quiet ? undefined : silent(found));
    for (const entry of linted.entries) this.#entry(entry, piece, quiet ? undefined : silent);
    for (const silence of comments)
      if (!silence.used && this.#expected(silence.names)) this.#unused(silence.comment, silence.piece);
  }

  #entry(
    entry: Entry,
    piece: DocumentText,
    silentByComment: ((found: Found) => Silenced | undefined) | undefined,
  ): void {
    const silenced = entry.silenced.map((silence) => ({ ...silence, used: false }));
    const settings = this.workspace.settings;
    for (const found of [...entry.own, ...this.workspace.aroundFound(entry)]) {
      const fitting = silenced.filter((silence) => silences(silence, found, settings));
      for (const silence of fitting) silence.used = true;
      const byComment = silentByComment?.(found);
      this.#add(found, piece, entry, byComment ?? (fitting.length > 0 ? {} : undefined));
    }
    for (const { used, foreign, key, inTemplate, names } of silenced) {
      if (used || foreign || !this.#expected(names)) continue;
      const metadata = inTemplate ? (entry.subject.pod?.metadataPath ?? ['metadata']) : ['metadata'];
      const fieldPath = [...metadata, 'annotations', { key }];
      this.#add({ ...unused, fieldPath, range: entry.place(fieldPath, 'key') }, piece, entry);
    }
  }

  #made(entry: Entry): void {
    const piece = { text: '', offset: 0, line: 0 };
    this.#entry(entry, piece, undefined);
  }

  /** Whether one of the names is that of a rule that is looked for; who silences one that is off may do so. */
  #expected(names: readonly string[] | undefined): boolean {
    const { settings } = this.workspace;
    if (!names) return true;
    return !names.some((name) => {
      const rules = settings.named(name);
      return rules.length > 0 && !rules.some((rule) => settings.isActive(rule));
    });
  }

  #unused(comment: CommentSuppression, piece: DocumentText): void {
    const { at: line, column, offset, length } = comment;
    const start = { line, column, offset };
    const range: Range = { start, end: { line, column: column + length, offset: start.offset + length } };
    this.#add({ ...unused, fieldPath: [], range }, piece, undefined);
  }

  #add(
    found: EntryFound | Found | TextFound,
    piece: DocumentText,
    entry: Entry | undefined,
    suppressed?: Silenced,
  ): void {
    const { layer, rule, severity, message, fieldPath, range, related } = found;
    const shifted = (one: Range): Range => shiftRange(one, piece.line, piece.offset);
    const ofObject = 'fix' in found && found.fix && entry ? this.#fix(found.fix, entry, piece) : undefined;
    const fix = 'textFix' in found && found.textFix ? textFix(found.textFix, piece) : ofObject;
    (suppressed ? this.#suppressed : this.#diagnostics).push({
      file: range.file ?? this.state.path,
      range: shifted(range),
      layer,
      rule,
      severity,
      message,
      fieldPath,
      ...(entry ? { object: entry.title } : {}),
      ...(fix ? { fix } : {}),
      ...(suppressed ? { suppressed } : {}),
      ...(related
        ? { related: related.map((one) => (one.file === '' ? this.#here(one, shifted(one.range)) : one)) }
        : {}),
    });
  }

  #here({ message }: RelatedPlace, range: Range): RelatedPlace {
    return { file: this.state.path, range, message };
  }

  #fix(fix: NonNullable<EntryFound['fix']>, { read }: Entry, piece: DocumentText): Fix | undefined {
    if (!read) return undefined;
    return { title: fix.title, suggestion: fix.suggestion ?? false, edits: () => editsOf(fix, read, piece) };
  }
}

function textFix(
  { title, edits, suggestion = false }: NonNullable<TextFound['textFix']>,
  { offset }: DocumentText,
): Fix {
  const moved = edits.map((edit) => ({ ...edit, start: edit.start + offset, end: edit.end + offset }));
  return { title, suggestion, edits: () => moved };
}

const unused = {
  layer: 'lint',
  rule: 'unused-suppression',
  severity: 'warning',
  message: 'nothing is suppressed here: the rule finds nothing, or there is no such rule',
} as const;

export function assemble(state: FileState, workspace: Workspace): Assembled {
  return new Assembly(state, workspace).run();
}

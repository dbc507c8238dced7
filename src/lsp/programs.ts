/**
 * TypeScript documents: findings at the builders' calls and the YAML of a call, for editors whose TypeScript server has no
 * plugins (TypeScript 7), or that have none.
 */
import { DiagnosticSeverity, MarkupKind } from 'vscode-languageserver/node';
import type { Diagnostic, Hover, Position, Range } from 'vscode-languageserver/node';
import { isProgramSource } from '../lint/programs/entries.ts';
import { LivePrograms, yamlOf } from '../lint/programs/live-programs.ts';
import type { ProgramFinding, ProgramObject } from '../lint/programs/report.ts';
import { uriOfPath } from './positions.ts';
import type { OpenDocument, Session } from './session.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} as const;

/** The documents, and the sources beside them that are not open, of which something else is known now. */
type Listener = (documents: readonly OpenDocument[], others: readonly string[]) => void;

export class ProgramDocuments implements Disposable {
  readonly #live: LivePrograms;
  readonly #listeners = new Set<Listener>();

  constructor(readonly session: Session) {
    this.#live = new LivePrograms(session.clock, {
      openTexts: () => new Map(this.#documents().map(({ path, text }) => [path, text.getText()])),
      changed: (files) => {
        const documents = this.#documents().filter(({ path }) => files.includes(path));
        const others = files.filter((file) => !documents.some(({ path }) => path === file));
        for (const listener of this.#listeners) listener(documents, others);
      },
      log: (text) => session.connection.console.warn(text),
    });
    session.onChange((_project, edited) => {
      const document = edited === undefined ? undefined : session.documents.get(edited);
      if (document && this.reads(document)) this.#live.touch(document.path, document.text.getText());
    });
  }

  /** Programs run only where the user trusts the folder and has not turned it off. */
  reads({ language, path }: Pick<OpenDocument, 'language' | 'path'>): boolean {
    const { trusted, programs } = this.session.settings;
    return trusted && programs && language.startsWith('typescript') && isProgramSource(path) && path.startsWith('/');
  }

  onChange(listener: Listener): void {
    this.#listeners.add(listener);
  }

  closed({ path }: OpenDocument): void {
    this.#live.forget(path);
  }

  /** A file that was written by somebody else. */
  written(path: string): void {
    if (isProgramSource(path)) this.#live.touchInput(path);
  }

  #documents(): readonly OpenDocument[] {
    return [...this.session.documents.values()].filter((document) => this.reads(document));
  }

  diagnostics({ path, text }: OpenDocument): Diagnostic[] {
    return this.#live
      .findings(path, text.getText())
      .map(({ finding, at }) =>
        diagnosticOf(finding, { start: text.positionAt(at.start), end: text.positionAt(at.end) }),
      );
  }

  /** Of a source that is not open. */
  writtenDiagnostics(path: string): Diagnostic[] {
    return this.#live.writtenFindings(path).map((finding) => {
      const { line, column, endLine, endColumn } = finding;
      const start = { line: line - 1, character: column - 1 };
      return diagnosticOf(finding, { start, end: { line: endLine - 1, character: endColumn - 1 } });
    });
  }

  /** The objects that the builders of a document made, each with the name of its builder. */
  placed({ path, text }: OpenDocument): readonly { readonly range: Range; readonly object: ProgramObject }[] {
    return this.#live.placedObjects(path, text.getText()).map(({ at: { start, end }, object }) => ({
      range: { start: text.positionAt(start), end: text.positionAt(end) },
      object,
    }));
  }

  /** What the programs that the document belongs to make, as far as is known. */
  objects({ path }: OpenDocument): readonly ProgramObject[] {
    return this.#live.objectsOf(path);
  }

  hover({ path, text }: OpenDocument, position: Position): Hover | null {
    const found = this.#live.objectsAt(path, text.getText(), text.offsetAt(position));
    if (!found) return null;
    const { start, end } = found.at;
    return {
      contents: { kind: MarkupKind.Markdown, value: yamlOf(found.objects) },
      range: { start: text.positionAt(start), end: text.positionAt(end) },
    };
  }

  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]();
  }
}

function diagnosticOf({ severity, rule, message, callers }: ProgramFinding, range: Range): Diagnostic {
  const related = callers.map(({ file, line, column, endLine, endColumn }) => ({
    location: {
      uri: uriOfPath(file),
      range: {
        start: { line: line - 1, character: column - 1 },
        end: { line: endLine - 1, character: endColumn - 1 },
      },
    },
    message: 'called here',
  }));
  return {
    range,
    severity: severities[severity],
    code: rule,
    source: 'kubewright',
    message,
    ...(related.length > 0 ? { relatedInformation: related } : {}),
  };
}

/** What is wrong, pushed to clients that wait for it and answered to those that ask. */
import { DiagnosticRefreshRequest, DiagnosticSeverity, DocumentDiagnosticReportKind } from 'vscode-languageserver/node';
import type {
  Connection,
  Diagnostic,
  FullDocumentDiagnosticReport,
  Range,
  WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver/node';
import type { Diagnostic as EngineDiagnostic } from '../../lint/diagnostics.ts';
import { sleep } from '../../shared/clock.ts';
import { tooLargeText } from '../folder-reader.ts';
import { rangeFromEngine, uriOfPath } from '../positions.ts';
import type { Project } from '../project.ts';
import type { OpenDocument, Session } from '../session.ts';
import type { Feature } from './feature.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} as const;

/** What stands for something that is missing has no length, and nobody would see it: the word that stands there is shown. */
function shownRange({ start, end }: EngineDiagnostic['range'], text: string): Range {
  const range = rangeFromEngine({ start, end });
  if (end.offset > start.offset) return range;
  const length = Math.max(1, /^[^\s,:{}[\]]*/.exec(text.slice(start.offset, start.offset + 80))?.[0].length ?? 0);
  return { start: range.start, end: { line: range.start.line, character: range.start.character + length } };
}

/** `text` is that of its file. */
export function toProtocol(diagnostic: EngineDiagnostic, text: string): Diagnostic {
  const { range, severity, rule, message, related } = diagnostic;
  return {
    range: shownRange(range, text),
    severity: severities[severity],
    code: rule,
    source: 'kubewright',
    message,
    ...(related && related.length > 0
      ? {
          relatedInformation: related.map((one) => ({
            location: { uri: uriOfPath(one.file), range: rangeFromEngine(one.range) },
            message: one.message,
          })),
        }
      : {}),
  };
}

/** Before all files are read, nobody knows whether what is named is anywhere. */
export function engineDiagnostics(project: Project, path: string): readonly EngineDiagnostic[] {
  const found = project.workspace.diagnostics(path);
  return project.loaded ? found : found.filter(({ layer }) => layer !== 'reference');
}

function tooLarge(line: number, message: string): Diagnostic {
  const range = { start: { line, character: 0 }, end: { line, character: 1 } };
  return { range, severity: DiagnosticSeverity.Information, code: 'too-large', source: 'kubewright', message };
}

function documentDiagnostics(document: OpenDocument, session: Session): Diagnostic[] {
  if (session.programs.reads(document)) return session.programs.diagnostics(document);
  const size = session.sizeBeyondReading(document);
  if (size !== undefined) return [tooLarge(0, tooLargeText(size))];
  if (!session.reads(document)) return [];
  const { project, path, text } = document;
  const large = project
    .linesOfLargePieces(path)
    .map((line) => tooLarge(line, 'this document has more than 1 MiB: it is checked, but there is no help to edit it'));
  return [...large, ...engineDiagnostics(project, path).map((one) => toProtocol(one, text.getText()))];
}

/** Milliseconds after which others have their turn. */
const sliceLength = 8;

class Publisher {
  readonly #due = new Set<Project>();
  readonly #last = new Map<string, string>();
  #scheduled: Disposable | undefined;
  /** What is left of what was begun. */
  #work: Generator<undefined> | undefined;
  #serial = 0;
  #elsewhere = false;

  constructor(
    readonly connection: Connection,
    readonly session: Session,
  ) {}

  get #pulls(): boolean {
    return this.session.client.textDocument?.diagnostic !== undefined;
  }

  changed(project: Project, edited: string | undefined): void {
    this.#due.add(project);
    // Who edits a document asks about it anyway; the others have to be told.
    const others = [...this.session.documents.values()].some((one) => one.project === project && one.uri !== edited);
    if (edited === undefined || others) this.#elsewhere = true;
    // Who asks for something right behind an edit is answered first.
    this.#schedule(2);
  }

  #schedule(milliseconds: number): void {
    this.#scheduled ??= this.session.clock.schedule(milliseconds, () => {
      this.#scheduled = undefined;
      this.#proceed();
    });
  }

  /** Goes on with the work for a while, then lets the client speak. */
  #proceed(): void {
    const { clock } = this.session;
    const since = clock.monotonic();
    const work = this.#work ?? this.#flush();
    this.#work = undefined;
    while (work.next().done !== true) {
      if (clock.monotonic() - since < sliceLength) continue;
      this.#work = work;
      break;
    }
    if (this.#work || this.#due.size > 0) this.#schedule(1);
  }

  *#flush(): Generator<undefined> {
    const projects = [...this.#due];
    this.#due.clear();
    for (const project of projects) yield* project.workspace.pending();
    if (this.#pulls) {
      const wanted = this.#elsewhere && projects.some(({ loaded }) => loaded);
      this.#elsewhere = false;
      if (wanted && this.session.client.workspace?.diagnostics?.refreshSupport === true) this.#refresh();
      return;
    }
    for (const document of [...this.session.documents.values()]) {
      // What was opened or closed meanwhile comes by itself.
      if (this.session.documents.get(document.uri) !== document || !projects.includes(document.project)) continue;
      this.#publish(document);
      yield;
    }
    for (const uri of this.#last.keys()) if (!this.session.documents.has(uri)) this.clear(uri);
  }

  #refresh(): void {
    this.connection.sendRequest(DiagnosticRefreshRequest.type).catch((error: unknown) => {
      this.connection.console.warn(`the client did not refresh: ${String(error)}`);
    });
  }

  clear(uri: string): void {
    this.#told.delete(uri);
    if (!this.#last.delete(uri) || this.#pulls) return;
    this.#send(uri, [], undefined);
  }

  /** Programs have something else to say. */
  programs(documents: readonly OpenDocument[], others: readonly string[]): void {
    if (!this.#pulls) {
      for (const document of documents) this.#publish(document);
      for (const path of others) this.#send(uriOfPath(path), this.session.programs.writtenDiagnostics(path), undefined);
    } else if (documents.length > 0 && this.session.client.workspace?.diagnostics?.refreshSupport === true)
      this.#refresh();
  }

  #publish(document: OpenDocument): void {
    const { uri, text } = document;
    const diagnostics = documentDiagnostics(document, this.session);
    const content = JSON.stringify(diagnostics);
    const versioned = `${text.version} ${content}`;
    const before = this.#last.get(uri);
    // An edit is always answered; a change elsewhere only where it changes something.
    if (before === versioned || (before === undefined && content === '[]' && !this.session.reads(document))) return;
    this.#last.set(uri, versioned);
    this.#send(uri, diagnostics, text.version);
  }

  #send(uri: string, diagnostics: Diagnostic[], version: number | undefined): void {
    const versioned = this.session.client.textDocument?.publishDiagnostics?.versionSupport === true;
    this.#report(
      this.connection.sendDiagnostics({ uri, diagnostics, ...(versioned && version !== undefined ? { version } : {}) }),
    );
  }

  #report(sent: Promise<void>): void {
    sent.catch((error: unknown) => this.connection.console.error(String(error)));
  }

  /** Results have numbers, so that a client need not take the same ones again. */
  readonly #results = new Map<string, { readonly id: string; readonly content: string }>();

  /** What clients were told last. */
  readonly #told = new Map<string, string>();

  told(uri: string, resultId: string): void {
    this.#told.set(uri, resultId);
  }

  /** What an edit of one document changes in the others that are open, for clients that take it along. */
  related(
    uri: string,
    itemsOf: (uri: string) => Diagnostic[],
  ): { readonly relatedDocuments?: Readonly<Record<string, FullDocumentDiagnosticReport>> } {
    if (this.session.client.textDocument?.diagnostic?.relatedDocumentSupport !== true) return {};
    const project = this.session.documents.get(uri)?.project;
    const reports: Record<string, FullDocumentDiagnosticReport> = {};
    for (const other of this.session.documents.values()) {
      const before = this.#told.get(other.uri);
      // Who has not asked about a document yet will.
      if (other.uri === uri || other.project !== project || before === undefined) continue;
      const items = itemsOf(other.uri);
      const resultId = this.result(other.uri, items);
      if (resultId === before) continue;
      this.told(other.uri, resultId);
      reports[other.uri] = { kind: DocumentDiagnosticReportKind.Full, resultId, items };
    }
    return Object.keys(reports).length > 0 ? { relatedDocuments: reports } : {};
  }

  result(uri: string, items: Diagnostic[]): string {
    const content = JSON.stringify(items);
    const known = this.#results.get(uri);
    if (known?.content === content) return known.id;
    this.#serial += 1;
    const id = String(this.#serial);
    this.#results.set(uri, { id, content });
    return id;
  }
}

export const diagnostics: Feature = {
  name: 'diagnostics',
  capabilities: (client) =>
    client.textDocument?.diagnostic === undefined
      ? {}
      : {
          diagnosticProvider: {
            identifier: 'kubewright',
            interFileDependencies: true,
            workspaceDiagnostics: true,
          },
        },
  register(connection, session) {
    const publisher = new Publisher(connection, session);
    session.onChange((project, edited) => publisher.changed(project, edited));
    session.programs.onChange((documents, others) => publisher.programs(documents, others));
    const itemsOf = (uri: string): Diagnostic[] => {
      const document = session.documents.get(uri);
      if (document) return documentDiagnostics(document, session);
      const view = session.view(uri);
      return view ? engineDiagnostics(view.project, view.path).map((one) => toProtocol(one, view.lines.text)) : [];
    };
    connection.languages.diagnostics.on(({ textDocument: { uri }, previousResultId }) => {
      const items = itemsOf(uri);
      const resultId = publisher.result(uri, items);
      publisher.told(uri, resultId);
      const related = publisher.related(uri, itemsOf);
      return resultId === previousResultId
        ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId, ...related }
        : { kind: DocumentDiagnosticReportKind.Full, resultId, items, ...related };
    });
    connection.languages.diagnostics.onWorkspace(async ({ previousResultIds }, token) => {
      const previous = new Map(previousResultIds.map(({ uri, value }) => [uri, value]));
      const reports: WorkspaceDocumentDiagnosticReport[] = [];
      let since = session.clock.monotonic();
      for (const project of session.projects) {
        for (const { path } of project.workspace.files()) {
          if (session.clock.monotonic() - since > sliceLength) {
            await sleep(session.clock, 1, new AbortController().signal);
            since = session.clock.monotonic();
          }
          if (token.isCancellationRequested) return { items: [] };
          const uri = uriOfPath(path);
          const version = session.documents.get(uri)?.text.version ?? null;
          const items = itemsOf(uri);
          const resultId = publisher.result(uri, items);
          reports.push(
            previous.get(uri) === resultId
              ? { kind: DocumentDiagnosticReportKind.Unchanged, uri, version, resultId }
              : { kind: DocumentDiagnosticReportKind.Full, uri, version, resultId, items },
          );
        }
      }
      return { items: reports };
    });
  },
};

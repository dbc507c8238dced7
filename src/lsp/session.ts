/** Everything that one client has open: folders, documents, and what it is able to show. */
import type { ClientCapabilities, Connection, Position, Range } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver/node';
import type { Clock } from '../shared/clock.ts';
import { largestFile } from './folder-reader.ts';
import type { LocalCluster } from './local-cluster.ts';
import { objectAround } from './object-view.ts';
import type { ObjectView } from './object-view.ts';
import { nodeAtOffset } from './outline.ts';
import type { OutlineNode, Span } from './outline.ts';
import { pathOfUri } from './positions.ts';
import type { LineIndex } from './positions.ts';
import { ProgramDocuments } from './programs.ts';
import { Project } from './project.ts';
import type { Piece } from './project.ts';
import type { Settings } from './settings.ts';
import { defaultSettings } from './settings.ts';

/** `edited` is the document whose edit it was. */
type ChangeListener = (project: Project, edited: string | undefined) => void;

export interface OpenDocument {
  readonly uri: string;
  readonly path: string;
  readonly language: string;
  readonly project: Project;
  text: TextDocument;
}

/** A place in a document, with all that stands around it. */
export interface Cursor {
  readonly project: Project;
  readonly path: string;
  readonly piece: Piece;
  readonly lines: LineIndex;
  /** In the piece. */
  readonly offset: number;
  readonly root: OutlineNode;
  readonly node: OutlineNode;
  readonly object: ObjectView;
}

/** Languages that look like YAML and are something else. */
const foreignLanguages: ReadonlySet<string> = new Set([
  'helm',
  'dockercompose',
  'github-actions-workflow',
  'gitlab-ci',
  'ansible',
]);

export class Session {
  readonly documents = new Map<string, OpenDocument>();
  readonly #projects: Project[] = [];
  readonly #loose = new Project(undefined);
  readonly #listeners = new Set<ChangeListener>();
  readonly programs: ProgramDocuments;
  client: ClientCapabilities = {};
  settings: Settings = defaultSettings;

  constructor(
    readonly connection: Connection,
    readonly clock: Clock,
    /** Undefined where there is nobody who could reach one. */
    readonly cluster?: LocalCluster,
  ) {
    this.#loose.loaded = true;
    this.programs = new ProgramDocuments(this);
  }

  get projects(): readonly Project[] {
    return [...this.#projects, this.#loose];
  }

  addFolder(uri: string): Project | undefined {
    const root = pathOfUri(uri).replace(/\/+$/, '');
    if (this.#projects.some((project) => project.root === root)) return undefined;
    const project = new Project(root, this.#loose.options);
    this.#projects.push(project);
    // The innermost folder is asked first.
    this.#projects.sort((a, b) => (b.root?.length ?? 0) - (a.root?.length ?? 0));
    this.#adopt();
    return project;
  }

  removeFolder(uri: string): void {
    const root = pathOfUri(uri).replace(/\/+$/, '');
    const index = this.#projects.findIndex((project) => project.root === root);
    if (index >= 0) this.#projects.splice(index, 1);
    this.#adopt();
  }

  /** Documents move to the folder that is theirs now. */
  #adopt(): void {
    for (const document of [...this.documents.values()]) {
      const project = this.projectOf(document.path);
      if (project === document.project) continue;
      document.project.removeFile(document.path);
      project.setFile(document.path, document.text.getText());
      this.documents.set(document.uri, { ...document, project });
    }
  }

  projectOf(path: string): Project {
    return this.#projects.find(({ root }) => root !== undefined && path.startsWith(`${root}/`)) ?? this.#loose;
  }

  open(uri: string, language: string, version: number, text: string): void {
    const path = pathOfUri(uri);
    const project = this.projectOf(path);
    const document: OpenDocument = {
      uri,
      path,
      language,
      project,
      text: TextDocument.create(uri, language, version, text),
    };
    this.documents.set(uri, document);
    this.#read(document);
    this.changed(project, uri);
  }

  /** Edits of a document that is not open, or of an older version, are of no use. */
  change(uri: string, version: number | null, changes: readonly TextDocumentContentChangeEvent[]): void {
    const document = this.documents.get(uri);
    if (!document) return;
    const next = version ?? document.text.version + 1;
    document.text = TextDocument.update(document.text, [...changes], next);
    this.#read(document);
    this.changed(document.project, uri);
  }

  #read(document: OpenDocument): void {
    const { project, path } = document;
    const text = document.text.getText();
    if (this.reads(document) && this.sizeBeyondReading(document) === undefined) project.setFile(path, text);
    else if (project.has(path)) project.removeFile(path);
  }

  close(uri: string): OpenDocument | undefined {
    const document = this.documents.get(uri);
    this.documents.delete(uri);
    if (document) this.programs.closed(document);
    return document;
  }

  /** Its size, where it is too large to be read; undefined otherwise. */
  sizeBeyondReading(document: OpenDocument): number | undefined {
    if (!this.reads(document) || this.programs.reads(document)) return undefined;
    const { length } = document.text.getText();
    return length > largestFile ? length : undefined;
  }

  reads({ language, path }: Pick<OpenDocument, 'language' | 'path'>): boolean {
    if (foreignLanguages.has(language) || language.startsWith('typescript') || language.startsWith('javascript'))
      return false;
    return /^(?:yaml|json|jsonc|kubernetes|k8s)/.test(language) || /\.(?:ya?ml|json)$/i.test(path);
  }

  /** Called whenever what is known of a folder has changed. */
  onChange(listener: ChangeListener): void {
    this.#listeners.add(listener);
  }

  changed(project: Project, edited?: string): void {
    for (const listener of this.#listeners) listener(project, edited);
  }

  /** Undefined where there is nothing of ours. */
  cursor(uri: string, position: Position): Cursor | undefined {
    const path = pathOfUri(uri);
    const project = this.documents.get(uri)?.project ?? this.projectOf(path);
    const lines = project.lines(path);
    if (!lines) return undefined;
    const whole = lines.offsetAt(position);
    const piece = project.pieceAt(path, whole);
    if (!piece) return undefined;
    const root = project.outline(piece);
    const offset = whole - piece.document.offset;
    const node = nodeAtOffset(root, offset);
    const object = objectAround(node, project.workspace.registry);
    return { project, path, piece, lines, offset, root, node, object };
  }

  /** All documents of a file, with what is needed to give places. */
  view(
    uri: string,
  ):
    | { readonly project: Project; readonly path: string; readonly lines: LineIndex; readonly pieces: readonly Piece[] }
    | undefined {
    const path = pathOfUri(uri);
    const project = this.documents.get(uri)?.project ?? this.projectOf(path);
    const lines = project.lines(path);
    return lines ? { project, path, lines, pieces: project.pieces(path) } : undefined;
  }

  range({ lines, piece }: Pick<Cursor, 'lines' | 'piece'>, span: Span): Range {
    return lines.range(span, piece.document.offset);
  }
}

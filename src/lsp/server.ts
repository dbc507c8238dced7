/** One client's connection: its documents and folders are kept up to date, the features answer its questions. */
import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  FileChangeType,
} from 'vscode-languageserver/node';
import type { Connection, FileEvent, InitializeParams } from 'vscode-languageserver/node';
import type { Clock } from '../shared/clock.ts';
import { version } from './version.ts';
import { capabilitiesOf } from './capabilities.ts';
import { features } from './features/index.ts';
import type { LocalCluster } from './local-cluster.ts';
import { isManifestFile, loadFolder, readManifest } from './folder-reader.ts';
import { pathOfUri } from './positions.ts';
import { applySettings } from './project-config.ts';
import type { Project } from './project.ts';
import { Session } from './session.ts';
import { readSettings } from './settings.ts';

export class Server {
  readonly session: Session;
  readonly #stop = new AbortController();

  constructor(
    readonly connection: Connection,
    readonly clock: Clock,
    cluster?: LocalCluster,
  ) {
    this.session = new Session(connection, clock, cluster);
  }

  listen(): void {
    const { connection, session } = this;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => this.#initialized());
    connection.onShutdown(() => {
      this.#stop.abort();
      session.programs[Symbol.dispose]();
      session.cluster?.[Symbol.dispose]();
    });
    connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version: number, text } }) =>
      session.open(uri, languageId, number, text),
    );
    connection.onDidChangeTextDocument(({ textDocument, contentChanges }) =>
      session.change(textDocument.uri, textDocument.version, contentChanges),
    );
    connection.onDidCloseTextDocument(({ textDocument }) => this.#close(textDocument.uri));
    connection.onDidChangeWatchedFiles(({ changes }) => this.#watched(changes));
    connection.onDidChangeConfiguration(({ settings }) => this.#configure(settings));
    for (const feature of features) feature.register(connection, session);
    connection.listen();
  }

  #initialize(params: InitializeParams): {
    capabilities: ReturnType<typeof capabilitiesOf>;
    serverInfo: { name: string; version: string };
  } {
    const { session } = this;
    session.client = params.capabilities ?? {};
    session.settings = readSettings(params.initializationOptions);
    const root = params.rootUri ?? (typeof params.rootPath === 'string' ? `file://${params.rootPath}` : undefined);
    const folders = params.workspaceFolders ?? (root ? [{ uri: root, name: '' }] : []);
    for (const { uri } of folders) session.addFolder(uri);
    return { capabilities: capabilitiesOf(features, session.client), serverInfo: { name: 'kubewright', version } };
  }

  #initialized(): void {
    const { client } = this.session;
    const { workspace } = client;
    if (workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
      const watchers = [
        { globPattern: '**/*.{yaml,yml,json}' },
        { globPattern: '**/*.{ts,tsx,mts,cts}' },
        { globPattern: '**/kubewright.config.{js,mjs}' },
      ];
      this.#quietly(this.connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }));
    }
    if (workspace?.didChangeConfiguration?.dynamicRegistration === true) {
      this.#quietly(
        this.connection.client.register(DidChangeConfigurationNotification.type, { section: 'kubewright' }),
      );
    }
    if (workspace?.workspaceFolders === true) {
      this.connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        for (const { uri } of removed) this.session.removeFolder(uri);
        for (const { uri } of added) {
          const project = this.session.addFolder(uri);
          if (project) this.#quietly(this.#load(project));
        }
      });
    }
    if (workspace?.configuration === true) this.#configure(undefined);
    for (const project of this.session.projects) if (project.root !== undefined) this.#quietly(this.#load(project));
  }

  async #load(project: Project): Promise<void> {
    const { session, clock } = this;
    await applySettings(project, session);
    const open = (path: string): boolean => [...session.documents.values()].some((document) => document.path === path);
    const { files, left } = await loadFolder(project, open, this.#tell, clock, this.#stop.signal);
    if (left) this.connection.console.warn(`${project.root ?? ''}: more than ${files} files; the others are not read`);
    project.loaded = true;
    session.changed(project);
  }

  /** What cannot be read is not passed over in silence. */
  readonly #tell = (path: string, problem: string): void => this.connection.console.warn(`${path}: ${problem}`);

  /** With a client that can be asked, `settings` says nothing. */
  #configure(settings: unknown): void {
    const { session } = this;
    const asked =
      session.client.workspace?.configuration === true
        ? this.connection.workspace.getConfiguration('kubewright')
        : Promise.resolve(settings);
    const apply = async (): Promise<void> => {
      const value: unknown = await asked;
      if (value === null || value === undefined) return;
      session.settings = { ...readSettings(value), trusted: session.settings.trusted };
      for (const project of session.projects) {
        await applySettings(project, session);
        session.changed(project);
      }
    };
    this.#quietly(apply());
  }

  #close(uri: string): void {
    const document = this.session.close(uri);
    if (!document) return;
    const { project, path } = document;
    const read = async (): Promise<void> => {
      const { text } = project.root !== undefined && isManifestFile(path) ? await readManifest(path) : {};
      if (this.session.documents.has(uri)) return;
      if (text === undefined) project.removeFile(path);
      else project.setFile(path, text);
      this.session.changed(project);
    };
    this.#quietly(read());
  }

  #watched(changes: readonly FileEvent[]): void {
    const touched = new Set<Project>();
    const handle = async (): Promise<void> => {
      for (const { uri, type } of changes) {
        const path = pathOfUri(uri);
        const project = this.session.projectOf(path);
        this.session.programs.written(path);
        if (/\/kubewright\.config\.(?:ts|js|mjs)$/.test(path)) {
          await applySettings(project, this.session);
          touched.add(project);
        }
        if (this.session.documents.has(uri) || project.root === undefined || !isManifestFile(path)) continue;
        const { text, problem } = type === FileChangeType.Deleted ? {} : await readManifest(path);
        if (this.session.documents.has(uri)) continue;
        if (problem !== undefined) this.#tell(path, problem);
        if (text === undefined) project.removeFile(path);
        else project.setFile(path, text);
        touched.add(project);
      }
      for (const project of touched) this.session.changed(project);
    };
    this.#quietly(handle());
  }

  /** What nobody waits for tells the client's log when it fails. */
  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
  }
}

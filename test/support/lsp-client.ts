/** The real server in a process of its own, spoken to as an editor does. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { bundleProgram } from './bundle.ts';

export interface Place {
  readonly line: number;
  readonly character: number;
}

export interface Span {
  readonly start: Place;
  readonly end: Place;
}

export interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly {
    readonly range: Span;
    readonly severity: number;
    readonly code: string;
    readonly message: string;
    readonly source: string;
  }[];
}

interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export class ServerError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

let bundle: Promise<string> | undefined;

/** `program` is a built server; without, the sources are bundled. */
export async function startServer(program?: string): Promise<LspClient> {
  bundle ??= program === undefined ? bundleProgram(new URL('../../src/lsp/main.ts', import.meta.url)) : undefined;
  const file = program ?? (await bundle) ?? '';
  return new LspClient(spawn(process.execPath, [file, '--stdio'], { stdio: 'pipe' }));
}

type Answer = (params: unknown) => unknown;

export class LspClient implements AsyncDisposable {
  readonly #pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #waiting: { fits(message: Message): boolean; resolve(message: Message): void }[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly notifications: Message[] = [];
  /** The latest for each document. */
  readonly published = new Map<string, Published>();
  readonly #versions = new Map<string, number>();
  readonly exited: Promise<number | null>;
  stderr = '';
  #buffer = Buffer.alloc(0);
  #id = 0;

  constructor(readonly process: ChildProcessWithoutNullStreams) {
    process.stdout.on('data', (data: Buffer) => this.#receive(data));
    // What is asked of a server that has ended is rejected below.
    process.stdin.on('error', () => undefined);
    process.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.exited = new Promise((resolve) => process.once('exit', (code) => resolve(code)));
    void this.exited.then(() => {
      for (const { reject } of this.#pending.values()) reject(new Error(`the server ended: ${this.stderr}`));
    });
  }

  #receive(data: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(this.#buffer.subarray(0, end).toString())?.[1]);
      if (this.#buffer.length < end + 4 + length) return;
      const message: Message = JSON.parse(this.#buffer.subarray(end + 4, end + 4 + length).toString());
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#handle(message);
    }
  }

  #handle(message: Message): void {
    const { id, method, params } = message;
    if (method === undefined) {
      const pending = this.#pending.get(Number(id));
      this.#pending.delete(Number(id));
      if (message.error) pending?.reject(new ServerError(message.error.code, message.error.message));
      else pending?.resolve(message.result);
      return;
    }
    if (id !== undefined) {
      this.send({ id, result: this.#answers.get(method)?.(params) ?? null });
    } else this.notifications.push(message);
    if (method === 'textDocument/publishDiagnostics') {
      const published = decode<Published>(params);
      this.published.set(published.uri, published);
    }
    for (const waiting of this.#waiting.filter((one) => one.fits(message))) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve(message);
    }
  }

  /** How the client answers the server's requests. */
  answer(method: string, answer: Answer): void {
    this.#answers.set(method, answer);
  }

  raw(text: string): void {
    this.process.stdin.write(text);
  }

  send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.process.stdin.write(body);
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  request<T = unknown>(method: string, params: unknown): Promise<T> {
    return this.start<T>(method, params).result;
  }

  /** With the number of the request, to cancel it. */
  start<T = unknown>(method: string, params: unknown): { readonly id: number; readonly result: Promise<T> } {
    this.#id += 1;
    const id = this.#id;
    const result = new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: (value) => resolve(decode<T>(value)), reject });
    });
    this.send({ id, method, params });
    return { id, result };
  }

  next(method: string, fits: (params: unknown) => boolean = () => true): Promise<Message> {
    return new Promise((resolve) => {
      this.#waiting.push({ fits: (message) => message.method === method && fits(message.params), resolve });
    });
  }

  nextDiagnostics(uri: string, fits: (published: Published) => boolean = () => true): Promise<Published> {
    return this.next('textDocument/publishDiagnostics', (params) => {
      const published = decode<Published>(params);
      return published.uri === uri && fits(published);
    }).then(({ params }) => decode<Published>(params));
  }

  async initialize(
    capabilities: object = {},
    folders: readonly string[] = [],
  ): Promise<{ readonly capabilities: Record<string, unknown> }> {
    const workspaceFolders = folders.map((uri) => ({ uri, name: uri }));
    const result = await this.request<{ readonly capabilities: Record<string, unknown> }>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities,
      workspaceFolders: folders.length > 0 ? workspaceFolders : null,
    });
    this.notify('initialized', {});
    return result;
  }

  /** Opens a document and waits for what is found in it. */
  async open(uri: string, text: string, languageId = 'yaml'): Promise<Published> {
    const published = this.nextDiagnostics(uri);
    this.#versions.set(uri, 1);
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
    return published;
  }

  async change(uri: string, changes: readonly object[]): Promise<Published> {
    const version = (this.#versions.get(uri) ?? 1) + 1;
    this.#versions.set(uri, version);
    const published = this.nextDiagnostics(uri);
    this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: changes });
    return published;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL');
      await this.exited;
    }
  }
}

/** The protocol says what comes; a test that is wrong about it fails on its expectations. */
function decode<T>(value: unknown): T;
function decode(value: unknown): unknown {
  return value;
}

/** A text with `|` where the cursor stands. */
export function atCursor(marked: string): { readonly text: string; readonly position: Place } {
  const at = marked.indexOf('|');
  const before = marked.slice(0, at).split('\n');
  return {
    text: marked.slice(0, at) + marked.slice(at + 1),
    position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
  };
}

export function fileUri(path: string): string {
  return new URL(`file://${path}`).href;
}

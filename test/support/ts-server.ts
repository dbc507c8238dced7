/** TypeScript's own server in a process of its own, spoken to as an editor does. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { resolve } from 'node:path';

const program = resolve(import.meta.dirname, '../../node_modules/typescript/lib/tsserver.js');

export interface TsPlace {
  readonly line: number;
  readonly offset: number;
}
export interface TsDiagnostic {
  readonly start: TsPlace;
  readonly end: TsPlace;
  readonly text: string;
  readonly category: string;
  readonly source?: string;
  readonly relatedInformation?: readonly { readonly span?: { readonly start: TsPlace } }[];
}
export interface QuickInfo {
  readonly displayString: string;
  readonly documentation: string;
  readonly start: TsPlace;
  readonly end: TsPlace;
}

interface Message {
  readonly type: string;
  readonly event?: string;
  readonly request_seq?: number;
  readonly body?: unknown;
}

export class TsServer implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting = new Set<{ fits(message: Message): boolean; resolve(message: Message): void }>();
  readonly #exited: Promise<unknown>;
  #text = '';
  #seq = 0;

  constructor(readonly log?: string) {
    const logging = log === undefined ? [] : ['--logVerbosity', 'verbose', '--logFile', log];
    const words = [program, '--allowLocalPluginLoads', '--disableAutomaticTypingAcquisition', ...logging];
    this.#process = spawn(process.execPath, words, { stdio: 'pipe' });
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
    this.#exited = new Promise((done) => this.#process.once('exit', done));
  }

  #receive(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      const line = this.#text.slice(0, end).trim();
      this.#text = this.#text.slice(end + 1);
      if (!line.startsWith('{')) continue;
      const message: Message = JSON.parse(line);
      for (const one of [...this.#waiting].filter(({ fits }) => fits(message))) {
        this.#waiting.delete(one);
        one.resolve(message);
      }
    }
  }

  #next(fits: (message: Message) => boolean): Promise<Message> {
    return new Promise((done) => this.#waiting.add({ fits, resolve: done }));
  }

  send(command: string, args: object): number {
    this.#seq += 1;
    this.#process.stdin.write(`${JSON.stringify({ seq: this.#seq, type: 'request', command, arguments: args })}\n`);
    return this.#seq;
  }

  async request<T>(command: string, args: object): Promise<T | undefined> {
    const seq = this.#seq + 1;
    const answered = this.#next(({ type, request_seq }) => type === 'response' && request_seq === seq);
    this.send(command, args);
    return decode<T | undefined>((await answered).body);
  }

  /** What the server says about a file when it is asked now. */
  async diagnostics(file: string): Promise<readonly TsDiagnostic[]> {
    const told = this.#next(
      ({ event, body }) => event === 'semanticDiag' && decode<{ readonly file: string }>(body).file === file,
    );
    this.send('geterr', { files: [file], delay: 0 });
    return decode<{ readonly diagnostics: readonly TsDiagnostic[] }>((await told).body).diagnostics;
  }

  /** Asks again whenever the server says that there is something new, until what it says fits. */
  async settled(file: string, fits: (found: readonly TsDiagnostic[]) => boolean): Promise<readonly TsDiagnostic[]> {
    for (;;) {
      const changed = this.#next(({ event }) => event === 'projectsUpdatedInBackground');
      const found = await this.diagnostics(file);
      if (fits(found)) return found;
      await changed;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }
}

/** The protocol says what comes; a test that is wrong about it fails on its expectations. */
function decode<T>(value: unknown): T;
function decode(value: unknown): unknown {
  return value;
}

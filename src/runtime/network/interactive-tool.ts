import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { NetworkError, ToolMissing, toolEnvironment } from './command.ts';

/** A line that the tool cannot understand: how its complaint opens, and the text of it that appears nowhere else. */
export interface EndMarker {
  readonly line: string;
  readonly opening: string;
  readonly token: string;
}

export interface InteractiveToolOptions {
  readonly argv: readonly [string, ...string[]];
  /** Gets the marker's own number and the number of its line in all the tool was sent. */
  endMarker(count: number, line: number): EndMarker;
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** What takes longer has not understood the protocol above, or hangs; the tool is killed then. */
const longestAction: Milliseconds = 10_000;

interface Exchange {
  readonly marker: EndMarker;
  resolve(errors: string): void;
  reject(error: Error): void;
}

/**
 * A command-line tool kept running, so that an action costs no process start. Such tools say nothing on success; each action is
 * therefore followed by a line that no tool understands, and the complaint about that line, which comes on the same stream as
 * complaints about the action, marks the end. Actions are carried out one after the other.
 */
export class InteractiveTool implements AsyncDisposable {
  readonly #options: InteractiveToolOptions;
  readonly #queue: Exchange[] = [];
  #child: ChildProcessWithoutNullStreams | undefined;
  #stderr = '';
  #line = 0;
  #count = 0;

  constructor(options: InteractiveToolOptions) {
    this.#options = options;
  }

  /** Resolves with what the tool complained about: the empty string when all went well. @throws NetworkError when the tool is missing or died */
  async send(lines: readonly string[]): Promise<string> {
    const child = this.#child ?? this.#spawn();
    this.#line += lines.length + 1;
    const marker = this.#options.endMarker(++this.#count, this.#line);
    const timer = this.#options.clock.schedule(longestAction, () => child.kill('SIGKILL'));
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#queue.push({ marker, resolve, reject });
        child.stdin.write([...lines, marker.line, ''].join('\n'));
      });
    } finally {
      timer[Symbol.dispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin.end();
    child.kill();
    await closed;
  }

  #spawn(): ChildProcessWithoutNullStreams {
    const { argv, environment } = this.#options;
    const [tool, ...args] = argv;
    const env = { ...toolEnvironment(), ...environment };
    // Detached: an interrupt from the terminal is for the daemon, which still needs its tools to end in order.
    const child = spawn(tool, args, { stdio: ['pipe', 'pipe', 'pipe'], env, detached: true });
    this.#child = child;
    this.#stderr = '';
    this.#line = 0;
    child.stdin.on('error', () => undefined); // the `close` below tells the same with the tool's own words
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#complaint(child, text));
    child.on('error', (error: NodeJS.ErrnoException) =>
      this.#died(child, error.code === 'ENOENT' ? new ToolMissing(tool) : error),
    );
    child.on('close', () => this.#died(child, new NetworkError(`"${argv.join(' ')}" ended: ${this.#stderr.trim()}`)));
    return child;
  }

  #complaint(child: ChildProcessWithoutNullStreams, text: string): void {
    if (this.#child !== child) return;
    this.#stderr += text;
    for (let exchange = this.#queue[0]; exchange !== undefined; exchange = this.#queue[0]) {
      const { token, opening } = exchange.marker;
      const at = this.#stderr.indexOf(token);
      if (at < 0) return;
      const said = this.#stderr.slice(0, at);
      this.#stderr = this.#stderr.slice(at + token.length);
      this.#queue.shift();
      // Of the marker before, nft's line with the caret may be left.
      exchange.resolve(said.slice(0, said.lastIndexOf(opening)).replace(/^[ \t]*\^*\s*/, ''));
    }
  }

  #died(child: ChildProcessWithoutNullStreams, error: Error): void {
    if (this.#child === child) this.#child = undefined;
    else if (this.#child !== undefined) return;
    for (const exchange of this.#queue.splice(0)) exchange.reject(error);
  }
}

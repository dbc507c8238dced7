import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface CallResult {
  readonly body?: string;
  readonly error?: string;
}

const agent = fileURLToPath(new URL('../runtime/network/pod-agent.mjs', import.meta.url));

/** A process in its own network namespace (or the host's, for `host: true`) that serves and makes calls: a pod without Docker. */
export class NamespacePod implements AsyncDisposable {
  readonly #waiting = new Map<number, (result: CallResult) => void>();
  #next = 0;

  private constructor(
    readonly name: string,
    readonly process: ChildProcess,
  ) {}

  static async start(name: string): Promise<NamespacePod> {
    const child = spawn('unshare', ['--net', process.execPath, agent, name], { stdio: ['pipe', 'pipe', 'inherit'] });
    const pod = new NamespacePod(name, child);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`pod ${name} ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => (line === 'ready' ? resolve() : pod.#answer(line)));
    });
    return pod;
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('not running');
    return this.process.pid;
  }

  /** Reads until the server hangs up; with `payload` (base64), sends it and takes what comes back first, as base64. */
  tcp(host: string, port: number, timeout = 2000, payload?: string): Promise<CallResult> {
    return this.#call({ kind: 'tcp', host, port, timeout, ...(payload === undefined ? {} : { payload }) });
  }

  /** The body comes back as base64 when `payload` (base64) is given, else as text. */
  async udp(host: string, port: number, payload?: string, timeout = 2000): Promise<CallResult> {
    const result = await this.#call({
      kind: 'udp',
      host,
      port,
      timeout,
      ...(payload === undefined ? {} : { payload }),
    });
    if (payload !== undefined || result.body === undefined) return result;
    return { body: Buffer.from(result.body, 'base64').toString() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await exited;
  }

  #call(request: object): Promise<CallResult> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.process.stdin?.write(JSON.stringify({ id, ...request }) + '\n');
    });
  }

  #answer(line: string): void {
    const { id, ...result } = JSON.parse(line);
    this.#waiting.get(id)?.(result);
    this.#waiting.delete(id);
  }
}

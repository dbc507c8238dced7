/** One process in a running container: its streams over a hijacked connection, its exit code by inspection. */
import { readFile } from 'node:fs/promises';
import { sleep, type Clock, type Milliseconds } from '../../../shared/clock.ts';
import {
  EngineError,
  type ContainerId,
  type ExecOptions,
  type ProcessStreams,
  type LogChunk,
} from '../container-engine.ts';
import { child, text, whole } from './decode.ts';
import type { DockerHttp, HijackedConnection } from './docker-http.ts';
import { deliver, DETACH_KEYS, feedStdin, received, resizeTerminal } from './process-streams.ts';
import { demultiplex, rawOutput } from './streams.ts';

const FIRST_LOOK: Milliseconds = 2;
const LONGEST_LOOK: Milliseconds = 100;
/** How Docker, Podman and runc begin what they write in place of the process's output when it cannot be started. */
const startFailure =
  /^(OCI runtime exec failed|exec failed|failed to create runc|Error: |runc|cannot exec|unable to find user|containerd:)/;

export async function exec(
  http: DockerHttp,
  clock: Clock,
  id: ContainerId,
  options: ExecOptions,
  io: ProcessStreams,
  signal: AbortSignal,
): Promise<number> {
  const created = await http.json({
    method: 'POST',
    path: `/containers/${encodeURIComponent(id)}/exec`,
    json: {
      Cmd: options.command,
      Tty: options.tty,
      AttachStdin: options.stdin,
      AttachStdout: options.stdout,
      AttachStderr: options.stderr,
      Env: options.env,
      DetachKeys: DETACH_KEYS,
    },
    signal,
  });
  const session = new ExecSession(http, clock, text(created, 'Id'), id, signal);
  return session.run(options, io);
}

class ExecSession {
  readonly #http: DockerHttp;
  readonly #clock: Clock;
  readonly #path: string;
  readonly #container: ContainerId;
  readonly #signal: AbortSignal;

  constructor(http: DockerHttp, clock: Clock, execId: string, container: ContainerId, signal: AbortSignal) {
    this.#http = http;
    this.#clock = clock;
    this.#path = `/exec/${encodeURIComponent(execId)}`;
    this.#container = container;
    this.#signal = signal;
  }

  async run(options: ExecOptions, io: ProcessStreams): Promise<number> {
    const start = { Detach: false, Tty: options.tty };
    const connection = await this.#http.hijack({ path: `${this.#path}/start`, json: start }, this.#signal);
    const ended = new AbortController();
    const { socket } = connection;
    const onAbort = (): void => void socket.destroy();
    this.#signal.addEventListener('abort', onAbort, { once: true });
    if (this.#signal.aborted) onAbort();
    try {
      const [failure] = await Promise.all([
        this.#output(connection, options.tty, io).finally(() => ended.abort()),
        feedStdin(socket, options.stdin ? io.stdin : undefined, ended.signal).then(() => {
          // The end of the input closes only this direction of the connection.
          if (options.stdin && socket.writable) socket.end();
        }),
        resizeTerminal(this.#http, this.#path, options.tty ? io.resize : undefined, ended.signal),
      ]);
      return await this.#exitCode(failure, io);
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      await this.#killProcess();
      throw this.#signal.reason;
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
      socket.destroy();
    }
  }

  /** Copies the output. What may be Docker's own message about a failed start is held back and returned. */
  async #output(connection: HijackedConnection, tty: boolean, io: ProcessStreams): Promise<LogChunk | undefined> {
    const bytes = received(connection);
    let held: LogChunk | undefined;
    let first = true;
    for await (const chunk of tty ? rawOutput(bytes) : demultiplex(bytes)) {
      if (held) await deliver(io, held);
      held = undefined;
      if (first && startFailure.test(Buffer.from(chunk.data).toString('utf8'))) held = chunk;
      else await deliver(io, chunk);
      first = false;
    }
    return held;
  }

  /** The streams may end before the process does, and the engine notices its end a little later than they. */
  async #exitCode(failure: LogChunk | undefined, io: ProcessStreams): Promise<number> {
    let delay = FIRST_LOOK;
    for (;;) {
      const state = await this.#http.json({ method: 'GET', path: `${this.#path}/json`, signal: this.#signal });
      const code = child(state, 'ExitCode');
      if (child(state, 'Running') !== true && typeof code === 'number') {
        const neverStarted = failure !== undefined && whole(state, 'Pid') === 0;
        if (neverStarted) throw new EngineError('InvalidSpec', Buffer.from(failure.data).toString('utf8').trim());
        if (failure) await deliver(io, failure);
        return code;
      }
      await sleep(this.#clock, delay, this.#signal);
      delay = Math.min(delay * 2, LONGEST_LOOK);
    }
  }

  /**
   * Docker has no call that ends an exec, so it is signalled directly where its process is one of this machine: its
   * cgroup must name the container, since with Docker in a virtual machine the number means another process here.
   */
  async #killProcess(): Promise<void> {
    const state = await this.#http
      .json({ method: 'GET', path: `${this.#path}/json`, timeout: 2_000 })
      .catch((error: unknown) => {
        if (error instanceof EngineError) return undefined;
        throw error;
      });
    const pid = whole(state, 'Pid');
    if (child(state, 'Running') !== true || pid <= 1) return;
    try {
      const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
      if (groups.includes(this.#container)) process.kill(pid, 'SIGKILL');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOENT' && code !== 'ESRCH' && code !== 'EPERM' && code !== 'EACCES') throw error;
    }
  }
}

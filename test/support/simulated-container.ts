/** One container of the simulated engine: its state, its log, the life of its program. */
import { AsyncQueue } from '../../src/shared/async-queue.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type {
  AttachOptions,
  ContainerId,
  ContainerSpec,
  ContainerState,
  EngineEvent,
  LogChunk,
  LogOptions,
  ProcessStreams,
} from '../../src/runtime/engine/container-engine.ts';
import type { SimulatedProgram } from './simulated-program.ts';

interface LogLine {
  readonly time: Date;
  readonly stream: LogChunk['stream'];
  readonly text: string;
}

type Announce = (type: EngineEvent['type'], container: SimulatedContainer) => void;

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };

export class SimulatedContainer {
  readonly #clock: Clock;
  readonly #announce: Announce;
  readonly #log: LogLine[] = [];
  readonly #followers = new Set<AsyncQueue<LogLine>>();
  readonly #ended: (() => void)[] = [];
  readonly #input = new AsyncQueue<Uint8Array>();
  #program: SimulatedProgram = { steps: [] };
  #timer: Disposable | undefined;
  #state: ContainerState;

  constructor(
    readonly spec: ContainerSpec,
    options: { readonly id: ContainerId; readonly imageId: string; readonly clock: Clock; readonly announce: Announce },
  ) {
    this.#clock = options.clock;
    this.#announce = options.announce;
    this.#state = {
      id: options.id,
      name: spec.name,
      labels: spec.labels,
      status: 'created',
      pid: 0,
      exitCode: 0,
      oomKilled: false,
      error: '',
      createdAt: options.clock.now(),
      startedAt: undefined,
      finishedAt: undefined,
      image: spec.image,
      imageId: options.imageId,
      logPath: `/simulated/${options.id}.log`,
    };
  }

  get state(): ContainerState {
    return this.#state;
  }

  get running(): boolean {
    return this.#state.status === 'running';
  }

  run(program: SimulatedProgram, pid: number): void {
    this.#program = program;
    this.#state = {
      ...this.#state,
      status: 'running',
      pid,
      startedAt: this.#clock.now(),
      finishedAt: undefined,
      exitCode: 0,
    };
    this.#announce('start', this);
    this.#go(program.steps);
  }

  failToStart(message: string): void {
    this.#state = { ...this.#state, error: message, exitCode: 127 };
  }

  /** False for a signal that the program outlives. */
  signal(name: string): boolean {
    this.#announce('kill', this);
    if (name === 'SIGKILL' || name === '9') return this.exit(137);
    const number = SIGNALS[name] ?? 0;
    if (number === 0 || this.#program.steps.some((step) => 'ignoreTerm' in step)) return false;
    const end = this.#program.steps.find((step) => 'untilTerm' in step);
    return this.exit(end && 'untilTerm' in end ? end.untilTerm : 128 + number);
  }

  exit(exitCode: number, oomKilled = false): boolean {
    if (!this.running) return false;
    this.#timer?.[Symbol.dispose]();
    this.#state = { ...this.#state, status: 'exited', pid: 0, exitCode, oomKilled, finishedAt: this.#clock.now() };
    for (const follower of this.#followers) follower.close();
    if (oomKilled) this.#announce('oom', this);
    this.#announce('die', this);
    for (const wake of this.#ended.splice(0)) wake();
    return true;
  }

  /** Resolves when the container is not running (any more). */
  ended(): Promise<void> {
    return this.running ? new Promise((resolve) => this.#ended.push(resolve)) : Promise.resolve();
  }

  write(stream: LogChunk['stream'], text: string): void {
    for (const part of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      const line = { time: this.#clock.now(), stream, text: part };
      this.#log.push(line);
      for (const follower of this.#followers) follower.push(line);
    }
  }

  /** Output from now on; the input's end reaches the program of a container with `stdinOnce`. */
  async attach(options: AttachOptions, io: ProcessStreams, signal: AbortSignal): Promise<void> {
    const queue = new AsyncQueue<LogLine>();
    const onAbort = (): void => queue.close(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#followers.add(queue);
    const feeding = options.stdin && io.stdin ? this.#feed(io.stdin) : undefined;
    feeding?.catch((error: unknown) => queue.close(error));
    try {
      for await (const { stream, text } of queue) {
        const to = this.spec.tty ? 'stdout' : stream;
        if (options[to]) await io[to](Buffer.from(text));
      }
    } finally {
      this.#followers.delete(queue);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #feed(stdin: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const data of stdin) this.#input.push(data);
    if (this.spec.stdinOnce) this.#input.close();
  }

  async *logs(options: LogOptions, signal: AbortSignal): AsyncGenerator<LogChunk> {
    const chosen = (line: LogLine): boolean =>
      (line.stream === 'stdout' ? options.stdout : options.stderr) && (!options.since || line.time >= options.since);
    const past = this.#log.filter(chosen);
    const queue = new AsyncQueue<LogLine>();
    for (const line of past.slice(Math.max(0, past.length - (options.tailLines ?? past.length)))) queue.push(line);
    const onAbort = (): void => queue.close(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (options.follow && this.running) this.#followers.add(queue);
    else queue.close();
    try {
      for await (const line of queue) {
        if (!chosen(line)) continue;
        const text = options.timestamps ? `${line.time.toISOString()} ${line.text}` : line.text;
        yield { stream: this.spec.tty ? 'stdout' : line.stream, data: Buffer.from(text) };
      }
    } finally {
      this.#followers.delete(queue);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #exitLater(code: number): void {
    const { exitAfter } = this.#program;
    if (exitAfter === undefined) queueMicrotask(() => this.exit(code));
    else this.#timer = this.#clock.schedule(exitAfter, () => this.exit(code));
  }

  #go(steps: SimulatedProgram['steps']): void {
    for (const [index, step] of steps.entries()) {
      if ('stdout' in step) this.write('stdout', step.stdout);
      else if ('stderr' in step) this.write('stderr', step.stderr);
      else if ('untilTerm' in step || 'ignoreTerm' in step) return;
      else if ('exit' in step) return this.#exitLater(step.exit);
      else if ('cat' in step) return void this.#copyInput().then(() => this.#go(steps.slice(index + 1)));
    }
    this.#exitLater(0);
  }

  async #copyInput(): Promise<void> {
    if (this.spec.stdin !== true) return;
    for await (const data of this.#input) this.write('stdout', Buffer.from(data).toString());
  }
}

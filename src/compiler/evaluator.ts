/** Runs a bundle in a worker thread with a time and a memory limit. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock, Milliseconds } from '../shared/clock.ts';
import type { CallFrame } from '../types/builder.ts';
import type { EvaluationLimits } from './compile-options.ts';
import type { Collected, ProgramEnvironment } from './exports.ts';
import type { Bundle } from './loader.ts';
import { endChildren } from './left-children.ts';
import { builtFile } from './package-folder.ts';
import type { PlacedAnswer } from './separate-evaluation.ts';
import { likelyPlace, needsOwnProcess } from './vast-steps.ts';

export interface EvaluationRequest {
  readonly url: string;
  readonly environment: ProgramEnvironment;
}
export interface EvaluationFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}
export type EvaluationAnswer = { readonly collected: Collected } | { readonly failure: EvaluationFailure };

/** Said before the program runs. */
export interface EvaluatorTask {
  readonly task: string | undefined;
}

export type { EvaluationLimits } from './compile-options.ts';

const memoryInterval: Milliseconds = 50;
/** Of the limit: from there on it is noted where the program is, since a thread whose heap is full can no longer be asked. */
const suspicious = 0.5;

/** A worker that has been started ahead, so that its start overlaps with bundling. */
export class Evaluator implements AsyncDisposable {
  readonly #worker: Worker;
  #folder: string | undefined;
  /** The kernel's number of the thread, once it runs; undefined where there is no /proc. */
  #task: string | undefined;
  /** Where the program was when it had taken much of its memory. */
  #sighting: Promise<string> | undefined;

  constructor(
    readonly clock: Clock,
    readonly limits: EvaluationLimits,
  ) {
    this.#worker = new Worker(builtFile('evaluator-worker.js'), {
      stdout: true,
      stderr: true,
      stdin: false,
      // While it waits for its program it has the time to load the builders.
      workerData: { builders: pathToFileURL(builtFile('index.js')).href },
      // Close to its own limit V8 collects garbage and little else, and then takes the place of the program with it.
      resourceLimits: { maxOldGenerationSizeMb: 2 * limits.memoryMegabytes },
    });
    // What the program prints goes beside the result, never into it.
    this.#worker.stdout.pipe(process.stderr, { end: false });
    this.#worker.stderr.pipe(process.stderr, { end: false });
  }

  /** In a thread of this process, or in a process of its own where a thread could take this one with it. */
  async evaluate({ code }: Bundle, environment: ProgramEnvironment, signal?: AbortSignal): Promise<PlacedAnswer> {
    if (!needsOwnProcess(code)) return this.evaluateHere(code, environment, signal);
    void this.#worker.terminate();
    const { evaluateApart } = await import('./separate-evaluation.ts');
    const answer = await evaluateApart({ code, environment }, this.limits, this.clock, signal);
    // A thread in the middle of a vast step cannot say where it is.
    if (!('failure' in answer) || answer.failure.stack !== '' || !/ MB of memory/.test(answer.failure.message))
      return answer;
    const url = answer.url === '' ? 'file:///bundle.mjs' : answer.url;
    return { failure: { ...answer.failure, stack: likelyPlace(code, url) }, url };
  }

  /** The name under which frames of the program appear in stacks comes with the answer. */
  async evaluateHere(code: string, environment: ProgramEnvironment, signal?: AbortSignal): Promise<PlacedAnswer> {
    let file: string;
    try {
      this.#folder = await mkdtemp(join(tmpdir(), 'kubewright-'));
      file = join(this.#folder, 'bundle.mjs');
      // The worker takes it away once it is loaded.
      await writeFile(file, code, { mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      const message = `the program cannot be run, since its bundle cannot be written (TMPDIR says where): ${error.message}`;
      return { failure: { name: '', message, stack: '' }, url: pathToFileURL(tmpdir()).href };
    }
    const { href: url } = pathToFileURL(file);
    const answer = await this.#answer({ url, environment }, signal);
    return { ...answer, url };
  }

  async #answer(request: EvaluationRequest, signal: AbortSignal | undefined): Promise<EvaluationAnswer> {
    const { time, memoryMegabytes } = this.limits;
    const failure = (message: string, name = '', stack = ''): EvaluationAnswer => ({
      failure: { name, message, stack },
    });
    const tooLarge = (stack: string): EvaluationAnswer =>
      failure(`the program needed more than ${memoryMegabytes} MB of memory`, '', stack);
    const timers = new Set<Disposable>();
    try {
      return await new Promise<EvaluationAnswer>((done) => {
        let full = false;
        const interrupt = (): void => done(failure('the program was interrupted'));
        signal?.addEventListener('abort', interrupt, { once: true });
        timers.add({ [Symbol.dispose]: () => signal?.removeEventListener('abort', interrupt) });
        timers.add(
          this.clock.schedule(time, () => {
            const message = `the program did not finish within ${time / 1000} s; is there an endless loop?`;
            void this.#whereItIs().then((stack) => done(failure(message, '', stack)));
          }),
        );
        this.#watchMemory(timers, () => void this.#whereItWas().then((stack) => done(tooLarge(stack))));
        this.#worker.on('message', (message: EvaluationAnswer | EvaluatorTask) => {
          if ('task' in message) this.#task = message.task;
          else done(message);
        });
        this.#worker.once('error', (error) => {
          full = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
          if (full) void (this.#sighting ?? Promise.resolve('')).then((stack) => done(tooLarge(stack)));
          else done(failure(error.message, error.name, error.stack));
        });
        this.#worker.once('exit', () => {
          if (full) return;
          done(failure('the program ended before its export was complete: it awaits a promise that nothing settles'));
        });
        this.#worker.ref();
        this.#worker.postMessage(request);
      });
    } finally {
      for (const timer of timers) timer[Symbol.dispose]();
    }
  }

  /** The stack of a program that goes on and on; empty where it only waits. */
  async #whereItIs(): Promise<string> {
    const { runningStack } = await import('./running-stack.ts');
    return (await runningStack(this.#worker.threadId, this.clock)) ?? '';
  }

  /** Where it is, or else was when it was last seen. */
  async #whereItWas(): Promise<string> {
    const last = this.#sighting;
    const stack = await this.#whereItIs();
    return stack === '' ? ((await last) ?? '') : stack;
  }

  /** Buffers are not part of the heap that the thread's own limit counts. */
  #watchMemory(timers: Set<Disposable>, exceeded: () => void): void {
    const before = process.memoryUsage.rss();
    const limit = this.limits.memoryMegabytes * 1024 * 1024;
    let looking = false;
    const look = (): void => {
      const taken = process.memoryUsage.rss() - before;
      if (taken > 1.25 * limit) return exceeded();
      timers.add(this.clock.schedule(memoryInterval, look));
      if (taken < suspicious * limit || looking) return;
      looking = true;
      this.#sighting = this.#whereItWas().finally(() => {
        looking = false;
      });
    };
    timers.add(this.clock.schedule(memoryInterval, look));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#task !== undefined) endChildren(this.#task);
    await this.#worker.terminate();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The frames of a stack that lie in the bundle. */
export function framesOfStack(stack: string, url: string): readonly CallFrame[] {
  const frames: CallFrame[] = [];
  for (const line of stack.split('\n')) {
    const at = line.indexOf(url);
    const match = at < 0 ? null : /^:(\d+):(\d+)/.exec(line.slice(at + url.length));
    if (match) frames.push({ file: url, line: Number(match[1]), column: Number(match[2]) });
  }
  return frames;
}

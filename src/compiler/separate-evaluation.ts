/** Runs a bundle in a process of its own, which may end in any way that processes do. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock, Milliseconds } from '../shared/clock.ts';
import type { EvaluationLimits } from './compile-options.ts';
import type { EvaluationAnswer } from './evaluator.ts';
import type { SeparateTask } from './evaluator-process.ts';
import { endProgramsOf } from './left-children.ts';
import { builtFile } from './package-folder.ts';

export type PlacedAnswer = EvaluationAnswer & { readonly url: string };

/** It keeps the limits itself; beyond this nobody waits for its word. */
const patience: Milliseconds = 8_000;
/** Programs that have been started may hold its outputs open. */
const rest: Milliseconds = 500;

/** V8's and Node's last words, which say nothing about the program. */
const lastWords = ['\n<--- Last few GCs --->', 'FATAL ERROR: ', '\n#\n# Fatal '];

/** Passes on what the program prints, up to last words, which it answers with. */
function passOn(stream: Readable): () => string {
  let words = '';
  stream.on('data', (chunk: Buffer) => {
    const starts = words === '' ? lastWords.map((start) => chunk.indexOf(start)).filter((at) => at >= 0) : [0];
    const at = Math.min(chunk.length, ...starts);
    if (at > 0) process.stderr.write(chunk.subarray(0, at));
    words += chunk.subarray(at).toString('utf8');
  });
  return () => words;
}

function endOf(child: ChildProcess, words: string, { memoryMegabytes }: EvaluationLimits): string {
  const { signalCode, exitCode } = child;
  // The kernel, too, ends what takes more memory than there is.
  if (signalCode === 'SIGKILL' || /memory|allocation|invalid (?:array|table|size)|OOM/i.test(words))
    return `the program needed more than ${memoryMegabytes} MB of memory in a single step`;
  const [line = ''] = /(?<=FATAL ERROR: |# ).+/.exec(words) ?? [];
  const how = signalCode ?? `exit code ${exitCode}`;
  return `the program ended the process that it ran in (${how})${line === '' ? '' : `: ${line}`}`;
}

export async function evaluateApart(
  task: SeparateTask,
  limits: EvaluationLimits,
  clock: Clock,
  signal?: AbortSignal,
): Promise<PlacedAnswer> {
  const child = spawn(process.execPath, [builtFile('evaluator-process.js'), JSON.stringify(limits)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const closed = new Promise<void>((done) => child.once('close', done));
  const { stdout, stderr } = child;
  if (stdout) passOn(stdout);
  const words = stderr ? passOn(stderr) : (): string => '';
  const failure = (message: string): PlacedAnswer => ({ failure: { name: '', message, stack: '' }, url: '' });
  const timers = new Set<Disposable>();
  try {
    return await new Promise<PlacedAnswer>((done) => {
      const interrupt = (): void => done(failure('the program was interrupted'));
      signal?.addEventListener('abort', interrupt, { once: true });
      timers.add({ [Symbol.dispose]: () => signal?.removeEventListener('abort', interrupt) });
      const late = `the program did not finish within ${limits.time / 1000} s; is there an endless loop?`;
      timers.add(clock.schedule(limits.time + patience, () => done(failure(late))));
      child.once('error', (error) =>
        done(failure(`the program cannot be run in a process of its own: ${error.message}`)),
      );
      child.once('message', (answer: PlacedAnswer) => done(answer));
      child.once('exit', () => void rested().then(() => done(failure(endOf(child, words(), limits)))));
      child.send(task, (error) => {
        if (error) child.kill('SIGKILL');
      });
    });
  } finally {
    for (const timer of timers) timer[Symbol.dispose]();
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) endProgramsOf(child.pid);
    child.kill('SIGKILL');
    await rested();
    stdout?.destroy();
    stderr?.destroy();
  }

  /** Until all that it printed has been read. */
  async function rested(): Promise<void> {
    let timer: Disposable | undefined;
    const late = new Promise<void>((done) => {
      timer = clock.schedule(rest, done);
    });
    await Promise.race([closed, late]);
    timer?.[Symbol.dispose]();
  }
}

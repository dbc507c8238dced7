/** Entry of the worker thread that runs a user's bundle. It waits for one message and answers with one. */
import { readlinkSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { isRecord } from '../shared/deep.ts';
import { hasCode } from '../shared/error-code.ts';
import { collectExports } from './exports.ts';
import type { EvaluationAnswer, EvaluationRequest, EvaluatorTask } from './evaluator.ts';
import { watchPurity } from './purity.ts';
import { guardStandardOutput } from './standard-output.ts';
import { failureOf } from './thrown.ts';

/** CommonJS packages require modules of Node, and programs what they also could import. */
function giveRequire(builders: string): void {
  const require = createRequire(import.meta.url);
  const given = (name: string): unknown => {
    if (name === builders) return library;
    const program: unknown = Reflect.get(globalThis, Symbol.for('kubewright.program'));
    if (isRecord(program)) program['outside'] = 'require';
    return require(name);
  };
  Reflect.set(globalThis, Symbol.for('kubewright.require'), given);
}

/** The bundle's first act is to say its name: by then it has been read. */
function removeOnceLoaded(url: string): void {
  const key = Symbol.for('kubewright.program');
  Object.defineProperty(globalThis, key, {
    configurable: true,
    set(value: unknown) {
      Object.defineProperty(globalThis, key, { configurable: true, writable: true, value });
      rmSync(dirname(fileURLToPath(url)), { recursive: true, force: true });
    },
  });
}

async function evaluate(request: EvaluationRequest): Promise<EvaluationAnswer> {
  removeOnceLoaded(request.url);
  const outside = watchPurity();
  try {
    const program: { readonly default?: unknown } = await import(request.url);
    return { collected: await collectExports(program.default, request.environment, request.url, outside) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** The thread is ended with its answer: until then everything that was printed has to be on its way. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return stream.writableLength === 0 ? Promise.resolve() : new Promise((done) => stream.write('', () => done()));
}

/** Instead of ending the thread without a word, it says where it was called. */
function refuseExit(code?: number | string | null): never {
  throw new Error(`the program called process.exit(${code ?? ''})`);
}

/** Its process is the compiler's own. Signal 0 only asks whether a process is there. */
function refuseKill(pid: number, signal?: string | number): true {
  if (signal !== 0 && (pid === own.pid || pid <= 0))
    throw new Error(`the program called process.kill(${pid}), which is the compiler itself`);
  return kill(pid, signal);
}

/** The number by which the kernel knows this thread; undefined where there is no /proc. */
function ownTask(): string | undefined {
  try {
    return readlinkSync('/proc/thread-self').split('/').at(-1);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'EINVAL')) return undefined;
    throw error;
  }
}

const { process: own } = globalThis;
const kill = own.kill.bind(own);
// An error deep in a helper has to lead back to the program all the same.
Error.stackTraceLimit = 60;
guardStandardOutput();

const builders: unknown = isRecord(workerData) ? workerData['builders'] : undefined;
const library: unknown = typeof builders === 'string' ? await import(builders) : undefined;
if (typeof builders === 'string') giveRequire(builders);

parentPort?.once('message', (request: EvaluationRequest) => {
  own.exit = refuseExit;
  own.kill = refuseKill;
  own.on('unhandledRejection', (reason) => parentPort?.postMessage({ failure: failureOf(reason) }));
  own.on('uncaughtException', (error) => parentPort?.postMessage({ failure: failureOf(error) }));
  parentPort?.postMessage({ task: ownTask() } satisfies EvaluatorTask);
  void evaluate(request).then(async (answer) => {
    // Who looked at nothing outside has printed nothing.
    if (!('collected' in answer) || answer.collected.outside !== undefined)
      await Promise.all([flushed(own.stdout), flushed(own.stderr)]);
    parentPort?.postMessage(answer);
  });
});

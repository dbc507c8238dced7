/** Entry of the worker thread that runs a user's bundle. It waits for one message and answers with one. */
import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { isRecord } from '../shared/deep.ts';
import { hasCode } from '../shared/error-code.ts';
import { collectExports } from './exports.ts';
import type { EvaluationAnswer, EvaluationRequest, EvaluatorTask } from './evaluator.ts';
import { watchPurity } from './purity.ts';
import { guardStandardOutput } from './standard-output.ts';

function failureOf(error: unknown): EvaluationAnswer {
  if (error instanceof Error)
    return { failure: { name: error.name, message: error.message, stack: error.stack ?? '' } };
  return { failure: { name: '', message: `the program threw ${JSON.stringify(error) ?? String(error)}`, stack: '' } };
}

async function evaluate(request: EvaluationRequest): Promise<EvaluationAnswer> {
  const outside = watchPurity();
  try {
    const program: { readonly default?: unknown } = await import(request.url);
    return { collected: await collectExports(program.default, request.environment, request.url, outside) };
  } catch (error) {
    return failureOf(error);
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
// An error deep in a helper has to lead back to the program all the same.
Error.stackTraceLimit = 60;
guardStandardOutput();

const builders: unknown = isRecord(workerData) ? workerData['builders'] : undefined;
if (typeof builders === 'string') await import(builders);

parentPort?.once('message', (request: EvaluationRequest) => {
  own.exit = refuseExit;
  own.on('unhandledRejection', (reason) => parentPort?.postMessage(failureOf(reason)));
  own.on('uncaughtException', (error) => parentPort?.postMessage(failureOf(error)));
  parentPort?.postMessage({ task: ownTask() } satisfies EvaluatorTask);
  void evaluate(request).then(async (answer) => {
    // Who looked at nothing outside has printed nothing.
    if (!('collected' in answer) || answer.collected.outside !== undefined)
      await Promise.all([flushed(own.stdout), flushed(own.stderr)]);
    parentPort?.postMessage(answer);
  });
});

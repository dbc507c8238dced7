/** Entry of the worker thread that runs a user's bundle. It waits for one message and answers with one. */
import { parentPort, workerData } from 'node:worker_threads';
import { isRecord } from '../shared/deep.ts';
import { collectExports } from './exports.ts';
import type { EvaluationAnswer, EvaluationRequest } from './evaluator.ts';

function failureOf(error: unknown): EvaluationAnswer {
  if (error instanceof Error)
    return { failure: { name: error.name, message: error.message, stack: error.stack ?? '' } };
  return { failure: { name: '', message: `the program threw ${JSON.stringify(error) ?? String(error)}`, stack: '' } };
}

async function evaluate(request: EvaluationRequest): Promise<EvaluationAnswer> {
  try {
    const program: { readonly default?: unknown } = await import(request.url);
    return { collected: await collectExports(program.default, request.environment, request.url) };
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

const builders: unknown = isRecord(workerData) ? workerData['builders'] : undefined;
if (typeof builders === 'string') await import(builders);

parentPort?.once('message', (request: EvaluationRequest) => {
  process.exit = refuseExit;
  process.on('unhandledRejection', (reason) => parentPort?.postMessage(failureOf(reason)));
  void evaluate(request).then(async (answer) => {
    await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
    parentPort?.postMessage(answer);
  });
});

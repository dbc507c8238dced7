/** Entry of the process for a program that, in a thread of the compiler, could end both; see vast-steps.ts. */
import { systemClock } from '../shared/clock.ts';
import type { Milliseconds } from '../shared/clock.ts';
import { isRecord } from '../shared/deep.ts';
import { Evaluator } from './evaluator.ts';
import type { ProgramEnvironment } from './program-environment.ts';

/** What it is told, once, by its parent. */
export interface SeparateTask {
  readonly code: string;
  readonly environment: ProgramEnvironment;
}

/** A thread in the middle of a vast step does not end; the whole process will. */
const patience: Milliseconds = 1_000;

const limits: unknown = JSON.parse(process.argv[2] ?? '{}');
const { time, memoryMegabytes } = isRecord(limits) ? limits : {};
if (typeof time !== 'number' || typeof memoryMegabytes !== 'number')
  throw new Error('this is a part of kubewright; run "kubewright build"');
const evaluator = new Evaluator(systemClock, { time, memoryMegabytes });

async function answer({ code, environment }: SeparateTask): Promise<void> {
  const answered = await evaluator.evaluateHere(code, environment);
  await new Promise<void>((ended) => {
    systemClock.schedule(patience, ended);
    void evaluator[Symbol.asyncDispose]().then(ended);
  });
  process.send?.(answered);
}

process.once('message', (task: SeparateTask) => void answer(task));
// Whoever would read the answer has gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

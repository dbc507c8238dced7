/** Bundles and runs one program, and checks its types beside that. */
import { Worker } from 'node:worker_threads';
import { systemClock } from '../shared/clock.ts';
import { pathText } from '../types/field-issue.ts';
import type { CompileOptions, EvaluationLimits } from './compile-options.ts';
import { Evaluator } from './evaluator.ts';
import type { CollectedImage, CollectedObject, ExportIssue } from './exports.ts';
import { bundle } from './loader.ts';
import type { Bundle, Unsaved } from './loader.ts';
import { builtFile } from './package-folder.ts';
import { callersOf, fieldPlace, sourceIndex } from './place.ts';
import { evidenceOf } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { CompileError } from './problem.ts';
import type { CompileProblem } from './problem.ts';
import { Provenance } from './provenance.ts';

export type { CompileOptions } from './compile-options.ts';

/** What a program is bundled and run with. */
export interface Workshop {
  bundle(entry: string): Promise<Bundle>;
  /** A worker of its own for one program; whoever takes it disposes it. */
  evaluator(limits: EvaluationLimits): Evaluator;
  readonly unsaved?: Unsaved | undefined;
}
export const freshWorkshop: Workshop = {
  bundle,
  evaluator: (limits) => new Evaluator(systemClock, limits),
};

export const standardLimits: EvaluationLimits = { time: 30_000, memoryMegabytes: 1_024 };

function checkTypes(entry: string, signal: AbortSignal | undefined): Promise<readonly CompileProblem[]> {
  return new Promise((done, reject) => {
    const worker = new Worker(builtFile('type-check-worker.js'), { workerData: { entries: [entry] } });
    const end = (): void => void worker.terminate();
    signal?.addEventListener('abort', end, { once: true });
    worker.once('message', done);
    worker.once('error', reject);
    worker.once('exit', () => {
      signal?.removeEventListener('abort', end);
      done([]);
    });
  });
}

export interface Evaluated {
  readonly entry: string;
  readonly objects: readonly CollectedObject[];
  readonly images: readonly CollectedImage[];
  readonly provenance: Provenance;
  readonly inputs: readonly string[];
  readonly evidence: () => Evidence | undefined;
}

async function evaluate(entry: string, options: CompileOptions, workshop: Workshop): Promise<Evaluated> {
  await using evaluator = workshop.evaluator(options.limits ?? standardLimits);
  const bundled = await workshop.bundle(entry);
  const answer = await evaluator.evaluate(bundled, { name: options.env, values: options.set ?? {} }, options.signal);
  options.signal?.throwIfAborted();
  const provenance = new Provenance(bundled.map, answer.url);
  if ('failure' in answer) {
    const { failureProblem } = await import('./failure.ts');
    throw new CompileError([await failureProblem(answer.failure, bundled.record, provenance)]);
  }
  const { objects, issues, reads, images, outside } = answer.collected;
  if (issues.length > 0) throw new CompileError(await exportProblems(entry, issues, provenance, workshop.unsaved));
  const evidence = (): Evidence | undefined =>
    outside === undefined && images.length === 0 ? evidenceOf(bundled.record, bundled.code, reads) : undefined;
  return { entry, objects, images, provenance, inputs: [...bundled.inputs, ...reads], evidence };
}

async function exportProblems(
  entry: string,
  issues: readonly ExportIssue[],
  provenance: Provenance,
  unsaved: Unsaved | undefined,
): Promise<readonly CompileProblem[]> {
  const index = await sourceIndex(unsaved);
  return issues.map(({ message, frames, place, path }) => {
    const trace = provenance.traceOf(frames);
    return {
      severity: 'error',
      layer: 'structure',
      code: 'export',
      message,
      path: pathText(path),
      place: fieldPlace({ entry, trace, place }, path, index),
      calledFrom: callersOf(trace.frames),
    };
  });
}

export type Evaluation =
  | { readonly evaluated: Evaluated; readonly typeProblems: readonly CompileProblem[] }
  | { readonly problems: readonly CompileProblem[] };

export async function evaluateAndCheckTypes(
  entry: string,
  options: CompileOptions,
  workshop: Workshop,
): Promise<Evaluation> {
  const types = options.typeCheck === true ? checkTypes(entry, options.signal) : Promise.resolve([]);
  const [evaluated, typeProblems] = await Promise.allSettled([evaluate(entry, options, workshop), types]);
  if (typeProblems.status === 'rejected') throw typeProblems.reason;
  if (evaluated.status === 'fulfilled') return { evaluated: evaluated.value, typeProblems: typeProblems.value };
  const failure: unknown = evaluated.reason;
  if (!(failure instanceof CompileError)) throw failure;
  // A type error explains the exception that follows from it, so it stands first.
  return { problems: [...typeProblems.value, ...failure.problems] };
}

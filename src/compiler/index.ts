/** `compile(entries)`: TypeScript programs -> checked objects in apply order, or problems with their places. */
import type { CompileResult } from './assemble.ts';
import type { Checker } from './check.ts';
import { evaluateAndCheckTypes, freshWorkshop } from './evaluate.ts';
import type { CompileOptions, Evaluation, Workshop } from './evaluate.ts';

export type { CompileResult } from './assemble.ts';
export type { CompileOptions } from './evaluate.ts';

/** Each program has a thread and up to a gigabyte. */
const parallelPrograms = 4;

async function evaluateAll(
  entries: readonly string[],
  options: CompileOptions,
  workshop: Workshop,
): Promise<readonly Evaluation[]> {
  const evaluations: Evaluation[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < entries.length; index = next++)
      evaluations[index] = await evaluateAndCheckTypes(entries[index] ?? '', options, workshop);
  };
  await Promise.all(Array.from({ length: Math.min(parallelPrograms, entries.length) }, work));
  return evaluations;
}

/**
 * Programs run side by side; their objects are checked in the order of the entries, as one set.
 * Never throws for what is wrong with a program: that is in `problems`.
 *
 * @param workshop keeps what the next compilation can use again, see `CompileSession`
 * @param loadChecker called once the programs are under way, so that loading the kinds costs no time of its own
 */
export async function compile(
  entries: readonly string[],
  loadChecker: () => Promise<Checker>,
  options: CompileOptions = {},
  workshop: Workshop = freshWorkshop,
): Promise<readonly CompileResult[]> {
  const [evaluations, { assemble }, checker] = await Promise.all([
    evaluateAll(entries, options, workshop),
    import('./assemble.ts'),
    loadChecker(),
  ]);
  const results: CompileResult[] = [];
  for (const evaluation of evaluations) {
    if ('problems' in evaluation) {
      const { problems } = evaluation;
      results.push({ set: undefined, problems, inputs: [], coverage: { objects: 0, unchecked: 0 } });
    } else {
      results.push(await assemble(evaluation.evaluated, evaluation.typeProblems, checker, options.exactPlaces));
    }
  }
  return results;
}

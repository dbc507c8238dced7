/** `compile(entry)`: a TypeScript program -> checked objects in apply order, or problems with their places. */
import { Worker } from 'node:worker_threads';
import { deepFreeze, isRecord } from '../shared/deep.ts';
import { systemClock } from '../shared/clock.ts';
import type { FieldPath } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import type { Registry } from '../types/registry.ts';
import { inApplyOrder } from './apply-order.ts';
import { checkObjects } from './check.ts';
import type { CheckedObject } from './check.ts';
import { Evaluator, framesOfStack } from './evaluator.ts';
import type { EvaluationAnswer, EvaluationLimits } from './evaluator.ts';
import type { CollectedObject } from './exports.ts';
import { bundle } from './loader.ts';
import type { ManifestSet } from './manifest-set.ts';
import { builtFile } from './package-folder.ts';
import { CompileError } from './problem.ts';
import type { CompileProblem, SourcePlace } from './problem.ts';
import { Provenance } from './provenance.ts';
import type { SourceFrame } from './provenance.ts';
import { shownPath } from './shown-path.ts';
import type { SourceIndex } from './source-index.ts';

export interface CompileOptions {
  /** `--env`: handed to a program that exports a function. */
  readonly env?: string;
  /** `--set key=value`. */
  readonly set?: Readonly<Record<string, string>>;
  readonly typeCheck?: boolean;
  readonly limits?: EvaluationLimits;
}

export interface CompileResult {
  /** Undefined when there is an error: nothing half-checked gets out. */
  readonly set: ManifestSet | undefined;
  readonly problems: readonly CompileProblem[];
  /** Absolute paths of the files that the result depends on. */
  readonly inputs: readonly string[];
}

const standardLimits: EvaluationLimits = { time: 30_000, memoryMegabytes: 1_024 };

function placeOf(frame: SourceFrame): SourcePlace {
  return { file: shownPath(frame.file), line: frame.line, column: frame.column };
}

/** Loads the TypeScript compiler, which costs more than all the rest, only when there is something to point at. */
async function sourceIndex(): Promise<SourceIndex> {
  const module = await import('./source-index.ts');
  return new module.SourceIndex();
}

function checkTypes(entry: string): Promise<readonly CompileProblem[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(builtFile('type-check-worker.js'), { workerData: { entries: [entry] } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function failureProblem(
  answer: EvaluationAnswer & { readonly url: string },
  provenance: Provenance,
): CompileProblem | undefined {
  if (!('failure' in answer)) return undefined;
  const { failure, url } = answer;
  const [place, ...callers] = provenance.trace(framesOfStack(failure.stack, url)).map(placeOf);
  return {
    severity: 'error',
    code: 'evaluation',
    message: failure.name === '' || failure.name === 'Error' ? failure.message : `${failure.name}: ${failure.message}`,
    ...(place ? { place } : {}),
    calledFrom: callers,
  };
}

interface Evaluated {
  readonly objects: readonly CollectedObject[];
  readonly provenance: Provenance;
  readonly inputs: readonly string[];
}

async function evaluate(entry: string, options: CompileOptions): Promise<Evaluated> {
  await using evaluator = new Evaluator(systemClock, options.limits ?? standardLimits);
  const bundled = await bundle(entry);
  const answer = await evaluator.evaluate(bundled, { name: options.env, values: options.set ?? {} });
  const provenance = new Provenance(bundled.map, answer.url);
  const failure = failureProblem(answer, provenance);
  if (failure) throw new CompileError([failure]);
  if (!('collected' in answer)) throw new CompileError([]);
  const { objects, issues } = answer.collected;
  if (issues.length > 0) {
    throw new CompileError(
      issues.map((issue) => {
        const [place, ...callers] = provenance.trace(issue.frames).map(placeOf);
        const entryPlace = { file: shownPath(entry), line: 1, column: 1 };
        return {
          severity: 'error',
          code: 'export',
          message: issue.message,
          place: place ?? entryPlace,
          calledFrom: callers,
        };
      }),
    );
  }
  return { objects, provenance, inputs: bundled.inputs };
}

/** Never throws for what is wrong with the program: that is in `problems`. */
export async function compile(entry: string, registry: Registry, options: CompileOptions = {}): Promise<CompileResult> {
  const types = options.typeCheck === true ? checkTypes(entry) : Promise.resolve([]);
  try {
    const [evaluated, typeProblems] = await Promise.allSettled([evaluate(entry, options), types]);
    if (typeProblems.status === 'rejected') throw typeProblems.reason;
    if (evaluated.status === 'rejected') {
      const failure: unknown = evaluated.reason;
      // A type error explains the exception that follows from it, so it stands first.
      if (failure instanceof CompileError) throw new CompileError([...typeProblems.value, ...failure.problems]);
      throw failure;
    }
    return await assemble(evaluated.value, typeProblems.value, registry);
  } catch (error) {
    if (error instanceof CompileError) return { set: undefined, problems: error.problems, inputs: [] };
    throw error;
  }
}

async function assemble(
  { objects, provenance, inputs }: Evaluated,
  typeProblems: readonly CompileProblem[],
  registry: Registry,
): Promise<CompileResult> {
  const checked = checkObjects(
    objects.map((object) => asKubeObject(object)),
    registry,
  );
  const traces = objects.map((object) => provenance.trace(object.frames));
  const index = checked.some(({ findings }) => findings.length > 0) ? await sourceIndex() : undefined;
  const locate = (at: number, path: FieldPath): SourcePlace | undefined => {
    const call = traces[at]?.[0];
    if (!call) return undefined;
    return placeOf({ ...call, ...(index?.locate(call.file, call, path) ?? {}) });
  };
  const problems = [...typeProblems, ...checked.flatMap((object, at) => problemsOf(object, at, locate, traces))];
  if (problems.some((problem) => problem.severity === 'error')) return { set: undefined, problems, inputs };
  const ordered = inApplyOrder(checked.map((object, at) => ({ ...object, at })));
  const late = index ?? new LazyIndex();
  const manifests = ordered.map(({ object, kind, at }) => ({
    object: deepFreeze(object),
    kind,
    place(path: FieldPath): SourcePlace | undefined {
      const call = traces[at]?.[0];
      return call ? placeOf({ ...call, ...late.locate(call.file, call, path) }) : undefined;
    },
  }));
  return { set: { manifests }, problems, inputs };
}

/** Before anything is wrong the call itself is place enough. */
class LazyIndex {
  locate(
    _file: string,
    call: { readonly line: number; readonly column: number },
  ): { readonly line: number; readonly column: number } {
    return { line: call.line, column: call.column };
  }
}

/** The collector has seen apiVersion and kind; metadata that is missing or no object is for validation to say. */
function isKubeObject(value: object): value is KubeObject {
  return 'metadata' in value && isRecord(value.metadata);
}

function asKubeObject({ value }: CollectedObject): KubeObject {
  if (isKubeObject(value)) return value;
  const { apiVersion, kind, ...rest } = value;
  return { apiVersion: String(apiVersion), kind: String(kind), ...rest, metadata: {} };
}

function problemsOf(
  { title, findings }: CheckedObject,
  at: number,
  locate: (at: number, path: FieldPath) => SourcePlace | undefined,
  traces: readonly (readonly SourceFrame[])[],
): readonly CompileProblem[] {
  return findings.map((finding) => {
    const place = locate(at, finding.fieldPath);
    return {
      severity: finding.severity,
      code: finding.code,
      message: finding.message,
      object: title,
      path: finding.path,
      ...(place ? { place } : {}),
      calledFrom: (traces[at] ?? []).slice(1).map(placeOf),
    };
  });
}

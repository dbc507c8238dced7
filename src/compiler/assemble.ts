/** Checks what a program exported and gives everything its place in the source. */
import { deepFreeze } from '../shared/deep.ts';
import type { FieldPath } from '../types/field-issue.ts';
import { inApplyOrder } from './apply-order.ts';
import { isCandidate } from './check.ts';
import type { CheckedObject, Checker, Finding } from './check.ts';
import type { Evaluated } from './evaluate.ts';
import type { CollectedObject } from './exports.ts';
import { titleOf } from './manifest-set.ts';
import type { ManifestSet } from './manifest-set.ts';
import { entryPlace, placeOf } from './place.ts';
import type { CompileProblem, SourcePlace } from './problem.ts';
import type { Provenance, SourceFrame } from './provenance.ts';
import { shownPath } from './shown-path.ts';
import type { IndexedRange } from './source-index.ts';

export interface CompileResult {
  /** Undefined when there is an error: nothing half-checked gets out. */
  readonly set: ManifestSet | undefined;
  readonly problems: readonly CompileProblem[];
  /** Absolute paths of the files that the result depends on. */
  readonly inputs: readonly string[];
  /** How many objects the program exported, and how many of them are of kinds that were not checked. */
  readonly coverage: { readonly objects: number; readonly unchecked: number };
}

/** Finds a field below the call that built its object. */
interface Index {
  locate(file: string, call: SourceFrame, path: FieldPath): IndexedRange;
}

/** As long as nothing is wrong, the call itself is place enough. */
const callsOnly: Index = {
  locate: (_file, { line, column }) => ({ line, column }),
};

/** Loads the TypeScript compiler, which costs more than all the rest, only when there is something to point at. */
async function sourceIndex(): Promise<Index> {
  const module = await import('./source-index.ts');
  return new module.SourceIndex();
}

/** Objects with the places of their builders' calls, which are looked up when somebody asks. */
class Traced {
  #trace: readonly SourceFrame[] | undefined;

  constructor(
    readonly checked: CheckedObject,
    readonly collected: CollectedObject,
    readonly provenance: Provenance,
  ) {}

  get object(): CheckedObject['object'] {
    return this.checked.object;
  }
  get kind(): CheckedObject['kind'] {
    return this.checked.kind;
  }
  get trace(): readonly SourceFrame[] {
    this.#trace ??= this.provenance.trace(this.collected.frames);
    return this.#trace;
  }
  place(path: FieldPath, index: Index): SourcePlace | undefined {
    const [call] = this.trace;
    return call && placeOf({ ...call, ...index.locate(call.file, call, path) });
  }
}

export async function assemble(
  { entry, objects, provenance, inputs }: Evaluated,
  typeProblems: readonly CompileProblem[],
  checker: Checker,
): Promise<CompileResult> {
  const traced = objects.map((collected) => {
    const { value, frames } = collected;
    if (!isCandidate(value)) throw new Error('the evaluator collected what is no object of the API');
    const origin = (): string => provenance.trace(frames).slice(0, 1).map(originText).join('');
    return new Traced(checker.check(value, origin), collected, provenance);
  });
  const index = traced.some(({ checked }) => checked.findings.length > 0) ? await sourceIndex() : callsOnly;
  const problems = [
    ...typeProblems,
    ...traced.flatMap((object) =>
      object.checked.findings.map((finding) => problemOf(finding, object, index, entryPlace(entry))),
    ),
  ];
  const coverage = { objects: objects.length, unchecked: traced.filter(({ kind }) => !kind).length };
  if (problems.some((problem) => problem.severity === 'error')) return { set: undefined, problems, inputs, coverage };
  const manifests = inApplyOrder(traced).map((object) => ({
    object: deepFreeze(object.object),
    kind: object.kind,
    place: (path: FieldPath) => object.place(path, index),
  }));
  return { set: { manifests }, problems, inputs, coverage };
}

function originText(frame: SourceFrame): string {
  return `${shownPath(frame.file)}:${frame.line}`;
}

function problemOf(finding: Finding, traced: Traced, index: Index, entry: SourcePlace): CompileProblem {
  const place = traced.place(finding.fieldPath, index) ?? entry;
  const { severity, layer, code, message, path } = finding;
  const calledFrom = traced.trace.slice(1).map(placeOf);
  return { severity, layer, code, message, object: titleOf(traced.object), path, place, calledFrom };
}

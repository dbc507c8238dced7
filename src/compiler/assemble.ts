/** Checks what a program exported and gives everything its place in the source. */
import { deepFreeze, isRecord } from '../shared/deep.ts';
import type { FieldPath } from '../types/field-issue.ts';
import { inApplyOrder } from './apply-order.ts';
import { isCandidate, lostNamespace, lostValues } from './check.ts';
import type { CheckedObject, Checker, Finding } from './check.ts';
import type { CompileResult } from './compile-result.ts';
import type { Evaluated } from './evaluate.ts';
import type { CollectedObject } from './exports.ts';
import { keysOf, valueAt } from './field-value.ts';
import { manifestPlaces } from './manifest-origin.ts';
import type { ManifestPlaces } from './manifest-origin.ts';
import { titleOf } from './manifest-set.ts';
import type { NeededImage } from './manifest-set.ts';
import { callersOf, callsOnly, fieldPlace, findField, placeOf, sourceIndex } from './place.ts';
import type { Index } from './place.ts';
import type { CompileProblem } from './problem.ts';
import type { Provenance, SourceFrame, Trace } from './provenance.ts';
import { shownPath } from './shown-path.ts';

export type { CompileResult } from './compile-result.ts';

/** Objects with the places of their builders' calls, which are looked up when somebody asks. */
class Traced {
  #trace: Trace | undefined;

  constructor(
    readonly checked: CheckedObject,
    readonly collected: CollectedObject,
    readonly provenance: Provenance,
    readonly entry: string,
  ) {}

  get object(): CheckedObject['object'] {
    return this.checked.object;
  }
  get kind(): CheckedObject['kind'] {
    return this.checked.kind;
  }
  get trace(): Trace {
    this.#trace ??= this.provenance.traceOf(this.collected.frames);
    return this.#trace;
  }
  get place(): FieldPath {
    return this.collected.place;
  }
  get patches(): readonly Trace[] {
    return this.collected.patches.map((frames) => this.provenance.traceOf(frames));
  }
}

/** The images whose names stand anywhere in an object: in a container, or where an operator reads them. */
function imagesIn(value: unknown, images: ReadonlyMap<string, NeededImage>, found: Set<NeededImage>): void {
  if (typeof value === 'string') {
    for (const [reference, image] of images) if (value.includes(reference)) found.add(image);
  } else if (typeof value === 'object' && value !== null)
    for (const child of Object.values(value)) imagesIn(child, images, found);
}

function neededImages(object: object, images: ReadonlyMap<string, NeededImage>): readonly NeededImage[] {
  const found = new Set<NeededImage>();
  if (images.size > 0) imagesIn(object, images, found);
  return [...found];
}

export async function assemble(
  { entry, objects, images, provenance, inputs, evidence }: Evaluated,
  typeProblems: readonly CompileProblem[],
  checker: Checker,
  exactPlaces = false,
): Promise<CompileResult> {
  await checker.learn(objects.map(({ value }) => value).filter(isCandidate));
  const traced = objects.map((collected) => {
    const { value, frames } = collected;
    if (!isCandidate(value)) throw new Error('the evaluator collected what is no object of the API');
    const origin = (): string => provenance.trace(frames).slice(0, 1).map(originText).join('');
    const checked = checker.check(value, origin);
    const lost = [
      ...lostValues(checked.kind, collected.left),
      ...lostNamespace(checked.object, checked.kind, collected.whole),
    ];
    const all = { ...checked, findings: [...checked.findings, ...lost].map((one) => asMeant(one, collected)) };
    return new Traced(all, collected, provenance, entry);
  });
  const wanted = exactPlaces || traced.some(({ checked }) => checked.findings.length > 0);
  const index = wanted ? await sourceIndex() : callsOnly;
  const manifests = traced.some(({ checked, collected }) => checked.findings.length > 0 && collected.origin)
    ? await manifestPlaces()
    : undefined;
  const problems = [
    ...typeProblems,
    ...traced.flatMap((object) =>
      object.checked.findings.map((finding) => problemOf(finding, object, index, manifests)),
    ),
  ];
  const coverage = { objects: objects.length, unchecked: traced.filter(({ kind }) => !kind).length };
  if (problems.some((problem) => problem.severity === 'error')) return { set: undefined, problems, inputs, coverage };
  const built = new Map(
    images.map(({ build, frames }) => [build.reference, { build, places: provenance.trace(frames).map(placeOf) }]),
  );
  const ordered = inApplyOrder(traced).map((object) => ({
    object: deepFreeze(object.object),
    kind: object.kind,
    place: (path: FieldPath) => fieldPlace(object, path, index),
    locate: async (path: FieldPath) => fieldPlace(object, path, wanted ? index : await sourceIndex()),
    images: neededImages(object.object, built),
  }));
  return { set: { manifests: ordered }, problems, inputs, coverage, evidence };
}

function originText(frame: SourceFrame): string {
  return `${shownPath(frame.file)}:${frame.line}`;
}

/**
 * `raw` is how people write what this package does not know yet: a field that is like none that it knows is kept and told.
 * One that looks like a slip is wrong there too.
 */
function asMeant(finding: Finding, { whole, origin }: CollectedObject): Finding {
  if (!whole || origin || finding.code !== 'unknown-field' || finding.message.includes(';')) return finding;
  return { ...finding, severity: 'warning', message: `${finding.message}; it is kept as it is` };
}

interface Entry {
  readonly path: FieldPath;
  /** Whether the value of the entry is wrong, or else its key. */
  readonly isValue: boolean;
}

/** Upstream complains of a whole map where one entry is wrong; people look for the entry. */
function entryOf(object: object, { fieldPath, value }: Finding): Entry | undefined {
  if (typeof value !== 'string') return undefined;
  const map = valueAt(object, fieldPath);
  if (isRecord(map)) {
    const found = Object.entries(map).find(([key, held]) => key === value || held === value);
    return found && { path: [...fieldPath, { key: found[0] }], isValue: found[0] !== value };
  }
  return keysOf(fieldPath).at(-1) === value ? { path: fieldPath, isValue: false } : undefined;
}

function problemOf(
  finding: Finding,
  traced: Traced,
  index: Index,
  manifests: ManifestPlaces | undefined,
): CompileProblem {
  const { severity, layer, code, message, path, fieldPath } = finding;
  const entry = entryOf(traced.object, finding);
  const isValue = entry?.isValue ?? (code !== 'unknown-field' && code !== 'duplicate-object');
  const at = entry?.path ?? fieldPath;
  const { place, field } = findField(traced, at, index, { object: traced.object, isValue });
  const callers = callersOf(traced.trace.frames);
  const { origin } = traced.collected;
  const read = origin && manifests?.place(origin, traced.object, at, isValue ? 'value' : 'key');
  return {
    severity,
    layer,
    code,
    message,
    object: titleOf(traced.object),
    path,
    place: read ?? place,
    // The value was written elsewhere: the field that it was given to leads on to the builder.
    calledFrom: read ? traced.trace.frames.map(placeOf) : field ? [field, ...callers] : callers,
  };
}

/** Frames of sources and paths of fields -> places as they are shown. */
import { resolve } from 'node:path';
import type { FieldPath } from '../types/field-issue.ts';
import type { Unsaved } from './loader.ts';
import type { SourcePlace } from './problem.ts';
import type { SourceFrame, Trace } from './provenance.ts';
import { shownPath } from './shown-path.ts';
import type { IndexedRange, Locating, Subject } from './source-index.ts';

export function placeOf(frame: SourceFrame & Partial<IndexedRange>): SourcePlace {
  const { line, column, endLine, endColumn } = frame;
  const end = endLine === undefined || endColumn === undefined ? {} : { endLine, endColumn };
  return { file: shownPath(frame.file), line, column, ...end };
}

/** The callers of a place, innermost first; a recursion is shown once. */
export function callersOf(trace: readonly SourceFrame[]): readonly SourcePlace[] {
  return trace
    .filter(({ file, line, column }, at) => {
      const before = trace[at - 1];
      return at > 0 && !(before?.file === file && before.line === line && before.column === column);
    })
    .map(placeOf);
}

/** Finds fields in sources. */
export interface Index {
  locate(locating: Locating, path: FieldPath, subject?: Subject): IndexedRange;
  locateExport(file: string, path: FieldPath, subject?: Subject): IndexedRange | undefined;
}

/** As long as nothing is wrong, the call itself is place enough. */
export const callsOnly: Index = {
  locate: ({ calls: [call] }) => ({ line: call?.line ?? 1, column: call?.column ?? 1 }),
  locateExport: () => undefined,
};

/** Loads the TypeScript compiler, which costs more than all the rest, only when there is something to point at. */
export async function sourceIndex(unsaved?: Unsaved): Promise<Index> {
  const module = await import('./source-index.ts');
  return new module.SourceIndex(unsaved);
}

/** Where an object comes from. */
export interface Origin {
  readonly entry: string;
  readonly trace: Trace;
  /** The calls that patched it since, first to last. */
  readonly patches?: readonly Trace[];
  /** Where in the default export it was found. */
  readonly place: FieldPath;
}

export interface FieldPlace {
  readonly place: SourcePlace;
  /** The field, where the place is that of the literal it was given elsewhere. */
  readonly field?: SourcePlace;
}

/**
 * The place of a field of an object that the program exported. An object that no builder made is looked for in the
 * default export itself; where that leads nowhere, the program as a whole has to do.
 */
export function findField(origin: Origin, path: FieldPath, index: Index, subject?: Subject): FieldPlace {
  const { entry, trace, place, patches = [] } = origin;
  const [call] = trace.frames;
  if (call) {
    const calls = patches.filter(({ direct }) => direct).map(({ frames }) => frames);
    const { frames, direct } = trace;
    return shown(call.file, index.locate({ calls: frames, patches: calls, direct }, path, subject));
  }
  const file = resolve(entry);
  const around = subject && { ...subject, object: within(place, subject.object) };
  return shown(file, index.locateExport(file, [...place, ...path], around) ?? { line: 1, column: 1 });
}

function shown(file: string, range: IndexedRange): FieldPlace {
  const { field } = range;
  return { place: placeOf({ file, ...range }), ...(field ? { field: placeOf({ file, ...field }) } : {}) };
}

/** A value at the end of a path that holds nothing else. */
function within(path: FieldPath, value: unknown): unknown {
  return path.reduceRight<unknown>(
    (inner, segment) => ({ [typeof segment === 'object' ? segment.key : segment]: inner }),
    value,
  );
}

export function fieldPlace(origin: Origin, path: FieldPath, index: Index): SourcePlace {
  return findField(origin, path, index).place;
}

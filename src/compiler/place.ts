/** Frames of sources and paths of fields -> places as they are shown. */
import { resolve } from 'node:path';
import type { FieldPath } from '../types/field-issue.ts';
import type { Unsaved } from './loader.ts';
import type { SourcePlace } from './problem.ts';
import type { SourceFrame, Trace } from './provenance.ts';
import { shownPath } from './shown-path.ts';
import type { IndexedPlace, IndexedRange } from './source-index.ts';

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
  locate(file: string, call: IndexedPlace, path: FieldPath): IndexedRange;
  locateExport(file: string, path: FieldPath): IndexedRange | undefined;
}

/** As long as nothing is wrong, the call itself is place enough. */
export const callsOnly: Index = {
  locate: (_file, { line, column }) => ({ line, column }),
  locateExport: () => undefined,
};

/** Loads the TypeScript compiler, which costs more than all the rest, only when there is something to point at. */
export async function sourceIndex(unsaved?: Unsaved): Promise<Index> {
  const module = await import('./source-index.ts');
  return new module.SourceIndex(unsaved);
}

/**
 * The place of a field of an object that the program exported. An object that no builder made is looked for in the
 * default export itself; where that leads nowhere, the program as a whole has to do.
 */
export function fieldPlace(
  { entry, trace, place }: { readonly entry: string; readonly trace: Trace; readonly place: FieldPath },
  path: FieldPath,
  index: Index,
): SourcePlace {
  const [call] = trace.frames;
  if (call) return placeOf(trace.direct ? { ...call, ...index.locate(call.file, call, path) } : call);
  const file = resolve(entry);
  return placeOf({ file, line: 1, column: 1, ...index.locateExport(file, [...place, ...path]) });
}

/** Frames of sources -> places as they are shown. */
import type { SourcePlace } from './problem.ts';
import type { SourceFrame } from './provenance.ts';
import { shownPath } from './shown-path.ts';
import type { IndexedRange } from './source-index.ts';
import { resolve } from 'node:path';

export function placeOf(frame: SourceFrame & Partial<IndexedRange>): SourcePlace {
  const { line, column, endLine, endColumn } = frame;
  const end = endLine === undefined || endColumn === undefined ? {} : { endLine, endColumn };
  return { file: shownPath(frame.file), line, column, ...end };
}

/** A program as a whole, for what has no place inside it. */
export function entryPlace(entry: string): SourcePlace {
  return { file: shownPath(resolve(entry)), line: 1, column: 1 };
}

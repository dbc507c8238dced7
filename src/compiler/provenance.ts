/** Frames of the evaluated bundle -> places in the user's sources. */
import { SourceMap } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import type { CallFrame } from '../types/builder.ts';

export interface SourceFrame {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The calls that led to an object, innermost first. */
export interface Trace {
  readonly frames: readonly SourceFrame[];
  /** Whether the innermost call is the builder's own, not that of a library which called the builder. */
  readonly direct: boolean;
}

export class Provenance {
  readonly #map: SourceMap;

  constructor(
    mapText: string,
    readonly url: string,
  ) {
    const payload: ConstructorParameters<typeof SourceMap>[0] = JSON.parse(mapText);
    this.#map = new SourceMap(payload);
  }

  traceOf(frames: readonly CallFrame[]): Trace {
    return { frames: this.trace(frames), direct: this.trace(frames.slice(0, 1)).length > 0 };
  }

  /** The frames of the user's own sources, innermost first; those of installed packages are passed over. */
  trace(frames: readonly CallFrame[]): readonly SourceFrame[] {
    return this.everyFrame(frames).filter(({ file }) => !file.includes('/node_modules/'));
  }

  /** Those of installed packages too. */
  everyFrame(frames: readonly CallFrame[]): readonly SourceFrame[] {
    return frames.flatMap((frame) => {
      if (frame.file !== this.url) return [];
      const entry = this.#map.findEntry(frame.line - 1, frame.column - 1);
      if (!('originalSource' in entry) || typeof entry.originalSource !== 'string') return [];
      const file = isAbsolute(entry.originalSource) ? entry.originalSource : resolve(entry.originalSource);
      return [{ file, line: entry.originalLine + 1, column: entry.originalColumn + 1 }];
    });
  }
}

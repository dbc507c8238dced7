/** What the compiler has to say about a program, with its place in the TypeScript. */
import type { FindingLayer, Severity } from './finding.ts';

export interface SourcePlace {
  /** Path as the user would type it, relative to the working folder. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** Where the field ends, where that is known. */
  readonly endLine?: number;
  readonly endColumn?: number;
}

export interface CompileProblem {
  /** `info` says what was not checked; it is for linting. */
  readonly severity: Severity;
  readonly layer: FindingLayer;
  /** Stable id: `syntax`, `type`, `evaluation`, `export`, `validation`, `unknown-field`, ... */
  readonly code: string;
  readonly message: string;
  readonly place?: SourcePlace;
  /** Where the helper, loop or component that led there was called, innermost first. */
  readonly calledFrom?: readonly SourcePlace[];
  /** `Deployment default/web` and the field path in it. */
  readonly object?: string;
  readonly path?: string;
}

/** Thrown by parts of the compiler; `compile` turns it into its result. */
export class CompileError extends Error {
  constructor(readonly problems: readonly CompileProblem[]) {
    super(problems.map((problem) => problem.message).join('\n'));
  }
}

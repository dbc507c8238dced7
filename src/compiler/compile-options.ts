/** What a caller of the compiler can ask for. Apart from its work, so that the package's declarations need little else. */
import type { Milliseconds } from '../shared/clock.ts';

export interface EvaluationLimits {
  readonly time: Milliseconds;
  readonly memoryMegabytes: number;
}

export interface CompileOptions {
  /** `--env`: handed to a program that exports a function. */
  readonly env?: string;
  /** `--set key=value`. */
  readonly set?: Readonly<Record<string, string>>;
  /** Refuses programs with type errors; checked beside the evaluation. */
  readonly typeCheck?: boolean;
  /** The places of manifests are those of their very fields also where nothing is wrong, which costs loading TypeScript. */
  readonly exactPlaces?: boolean;
  /** What one program may take; 30 s and 1,024 MB without it. */
  readonly limits?: EvaluationLimits;
  /** Ends the programs that run; `compile` then throws its reason. */
  readonly signal?: AbortSignal;
}

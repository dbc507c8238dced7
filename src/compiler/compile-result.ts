/** What comes of a compilation. */
import type { ManifestSet } from './manifest-set.ts';
import type { CompileProblem } from './problem.ts';

/** What a result depends on, and what it stays true for; see evidence.ts. */
export interface Evidence {
  /** Absolute path -> digest of the content, or of the names in a folder. */
  readonly present: Readonly<Record<string, string>>;
  /** Absolute paths where nothing must be. */
  readonly absent: readonly string[];
}

export interface CompileResult {
  /** Undefined when there is an error: nothing half-checked gets out. */
  readonly set: ManifestSet | undefined;
  readonly problems: readonly CompileProblem[];
  /** Absolute paths of the files that the result depends on. */
  readonly inputs: readonly string[];
  /** What a later run has to find as it is for the same result; undefined for a program that may come to another one. */
  evidence?(): Evidence | undefined;
  /** How many objects the program exported, and how many of them are of kinds that were not checked. */
  readonly coverage: { readonly objects: number; readonly unchecked: number };
}

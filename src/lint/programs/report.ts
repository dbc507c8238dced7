/** What is known of a program, as plain data: it goes from one process to another. */
import type { Layer, Severity } from '../rule.ts';

/** Lines and columns are counted from 1 in UTF-16 units. */
export interface ProgramSpan {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface ProgramFinding extends ProgramSpan {
  readonly severity: Severity;
  readonly layer: Layer;
  readonly rule: string;
  /** `Deployment web: spec.replicas: ...` */
  readonly message: string;
  /** Where the component or loop that led there was called, innermost first. */
  readonly callers: readonly ProgramSpan[];
}

export interface ProgramObject {
  /** `Deployment web`. */
  readonly title: string;
  readonly yaml: string;
  /** Names in the sources that stand for it: its builder, its constant, the component that made it. */
  readonly names: readonly ProgramSpan[];
}

export interface ProgramReport {
  readonly entry: string;
  /** Absolute paths of everything that the result depends on. */
  readonly inputs: readonly string[];
  readonly findings: readonly ProgramFinding[];
  /** Undefined where the program did not run to its end: what was known before may still be shown. */
  readonly objects: readonly ProgramObject[] | undefined;
}

export interface ProgramRequest {
  /** Absolute paths of sources that somebody looks at. */
  readonly files: readonly string[];
  /** Texts of sources as they are in the editor, by absolute path. */
  readonly unsaved: Readonly<Record<string, string>>;
  /** How long one program may run, in milliseconds. */
  readonly timeLimit: number;
}

export interface ProgramAnswer {
  readonly reports: readonly ProgramReport[];
}

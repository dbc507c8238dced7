/** The one shape of what is found, for the command line, the editor and the library. */
import type { FieldPath } from '../types/field-issue.ts';
import type { Layer, Severity } from './rule.ts';

/** Lines and columns are counted from 1 in UTF-16 units, offsets from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Range {
  readonly start: Position;
  /** After the last character. */
  readonly end: Position;
}

/** A range in another file than the one that is looked at: programs are spread over several. */
export interface PlacedRange extends Range {
  readonly file?: string;
}

/** Replaces what stands between two offsets of the file. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

export interface Fix {
  readonly title: string;
  /** True where it may change what the program can do: nothing applies it unasked. */
  readonly suggestion: boolean;
  /** Worked out when somebody asks; undefined where the way the text is written does not allow it. */
  edits(): readonly TextEdit[] | undefined;
}

export interface RelatedPlace {
  /** Empty within a piece of a file: the same file, counted from where the piece begins. */
  readonly file: string;
  readonly range: Range;
  readonly message: string;
}

export interface Diagnostic {
  readonly file: string;
  readonly range: Range;
  readonly layer: Layer;
  /** `syntax`, `unknown-field`, `field-value-required`, or the id of a rule: `security/privileged`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** `Deployment default/web`, where it is about an object. */
  readonly object?: string;
  readonly fieldPath: FieldPath;
  readonly fix?: Fix;
  readonly related?: readonly RelatedPlace[];
  /** Its author has silenced it, and said why or not. */
  readonly suppressed?: { readonly reason?: string };
}

export function shiftPosition(position: Position, lines: number, offset: number): Position {
  return { line: position.line + lines, column: position.column, offset: position.offset + offset };
}

export function shiftRange({ start, end }: Range, lines: number, offset: number): Range {
  return { start: shiftPosition(start, lines, offset), end: shiftPosition(end, lines, offset) };
}

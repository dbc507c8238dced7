/** The form of a library: functions by their signatures, and the types that they bring. */
import { EvaluationError } from '@marcbachmann/cel-js';
import type { RegisteredFunctionHandler as Handler } from '@marcbachmann/cel-js';

/** Functions of a library, keyed by signature: `string.find(string): string`. */
export type Functions = Readonly<Record<string, Handler>>;

export interface Library {
  readonly functions: Functions;
  /** Types of values, by the name that `type()` tells. */
  readonly types?: Readonly<Record<string, new (...parameters: never[]) => object>>;
  /** Names whose functions are written `sets.contains(a, b)`; their signatures begin with the type of the name. */
  readonly namespaces?: Readonly<Record<string, readonly [type: string, value: object]>>;
}

/** Ends the whole expression: whoever goes on after an error does not go on after this. */
export class Exhausted extends EvaluationError {}

/** Fails the expression. */
export function failure(message: string): Error {
  return new EvaluationError(message);
}

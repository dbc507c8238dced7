/** What a simulated container or exec does, step by step; docker-program.ts turns the same into a shell script. */
import { isRecord } from '../../src/shared/deep.ts';

export type ProgramStep =
  | { readonly stdout: string }
  | { readonly stderr: string }
  /** Ends with this code. A program without an end exits with 0 after its last step. */
  | { readonly exit: number }
  /** Runs until SIGTERM (or SIGINT), then exits with this code. */
  | { readonly untilTerm: number }
  /** Runs until SIGKILL. */
  | { readonly ignoreTerm: true }
  /** Copies stdin to stdout until its end. A container without `stdin` has none to copy. */
  | { readonly cat: true }
  /** Prints the terminal's size as "ROWS COLUMNS" as soon as it has one. Only in an exec with a terminal. */
  | { readonly printSize: true };

export interface SimulatedProgram {
  readonly steps: readonly ProgramStep[];
  /** Milliseconds by the engine's clock before the exit step; left out, the container ends right after its start. */
  readonly exitAfter?: number;
  /** `start` fails with this message, as Docker's does for a command that does not exist. */
  readonly startError?: string;
}

export const runUntilTerm: SimulatedProgram = { steps: [{ untilTerm: 0 }] };

const MARK = 'simulated';

/** The command whose meaning is this program, for a simulated engine. */
export function simulatedCommand(program: SimulatedProgram): readonly string[] {
  return [MARK, JSON.stringify(program)];
}

/** The program that a command stands for; undefined when it is an ordinary command. */
export function programOf(command: readonly string[] | undefined): SimulatedProgram | undefined {
  const [mark, words] = command ?? [];
  if (mark !== MARK || words === undefined) return undefined;
  const value: unknown = JSON.parse(words);
  if (!isProgram(value)) throw new Error(`not a program: ${words}`);
  return value;
}

function isProgram(value: unknown): value is SimulatedProgram {
  return isRecord(value) && Array.isArray(value['steps']) && value['steps'].every(isRecord);
}

/** What every command of the line is: a file of `commands/` that fills in a commander command. */
import type { Command as CommanderCommand } from 'commander';

export interface CommandDefinition {
  readonly name: string;
  readonly summary: string;
  /** Adds arguments, options and the action; loaded only when the command is run or its help is asked for. */
  load(): Promise<{ configure(command: CommanderCommand): void }>;
}

/** Ends the program with a code after the message was printed; thrown by actions, caught by main. */
export class Exit extends Error {
  constructor(
    readonly code: number,
    message = '',
  ) {
    super(message);
  }
}

/** A mistake in how a command was called: exit code 2. */
export function usageError(message: string): Exit {
  return new Exit(2, message);
}

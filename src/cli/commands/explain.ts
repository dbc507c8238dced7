/** `kubewright explain`: what the schema says of a kind or a field, offline. */
import type { Command } from 'commander';
import { Exit, usageError } from '../command.ts';

interface Options {
  readonly apiVersion?: string;
  readonly recursive?: boolean;
}

async function run(path: string, options: Options): Promise<void> {
  const { Explanation, UnknownField, UnknownKind } = await import('../explanation.ts');
  try {
    const explanation = new Explanation(path.split('.'), options.apiVersion);
    process.stdout.write(options.recursive === true ? explanation.tree() : explanation.text());
  } catch (error) {
    if (error instanceof UnknownKind) throw usageError(error.message);
    if (error instanceof UnknownField) throw new Exit(1, error.message);
    throw error;
  }
}

export function configure(command: Command): void {
  command
    .argument('<kind.path>', 'a kind, its plural or short name, and fields: deployment.spec.strategy')
    .option('--api-version <group/version>', 'where several versions have the kind')
    .option('--recursive', 'only the names and types of all fields below')
    .action(run);
}

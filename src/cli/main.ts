import { Command, CommanderError } from 'commander';
import { commands } from './commands/index.ts';
import { Exit } from './command.ts';
import { version } from './version.ts';

async function run(argv: readonly string[]): Promise<number> {
  const program = new Command('kubewright');
  program
    .description('Write Kubernetes infrastructure in TypeScript, check it, and run it on real containers.')
    .version(version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  const wanted = argv.find((word) => !word.startsWith('-'));
  for (const definition of commands) {
    const command = program.command(definition.name).description(definition.summary).exitOverride();
    // Only the command that runs is loaded: the others' code would cost start-up time.
    if (definition.name === wanted) (await definition.load()).configure(command);
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.code === 'commander.helpDisplayed' || error.exitCode === 0 ? 0 : 2;
    if (error instanceof Exit) {
      if (error.message !== '') process.stderr.write(`${error.message}\n`);
      return error.code;
    }
    throw error;
  }
}

/** Errors that are no defect of ours print their message; anything else prints its stack too. */
function report(error: unknown): void {
  const text = error instanceof Error ? (process.env['KUBEWRIGHT_DEBUG'] ? error.stack : error.message) : String(error);
  // Every relative path needs it, so any of Node's calls may be the first to miss it.
  const gone = error instanceof Error && error.message.includes('uv_cwd');
  process.stderr.write(
    `kubewright: ${gone ? 'the working folder is not there any more' : (text ?? 'unknown error')}\n`,
  );
}

// `kubewright get pods | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`kubewright: the output cannot be written: ${error.message}\n`);
  process.exit(1);
});

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    report(error);
    process.exitCode = 1;
  },
);

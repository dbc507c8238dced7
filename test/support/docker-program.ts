/** The programs of simulated-program.ts as shell scripts for a busybox image. */
import type { ProgramStep, SimulatedProgram } from './simulated-program.ts';

export function shellCommand(program: SimulatedProgram): readonly string[] {
  if (program.startError !== undefined) return ['/no/such/program'];
  const pause = program.exitAfter === undefined ? [] : [`sleep ${program.exitAfter / 1000}`];
  const steps = program.steps.flatMap((step) => ('exit' in step ? [...pause, shellStep(step)] : [shellStep(step)]));
  return ['sh', '-c', steps.join('\n')];
}

function shellStep(step: ProgramStep): string {
  if ('stdout' in step) return `printf %s ${quoted(step.stdout)}`;
  if ('stderr' in step) return `printf %s ${quoted(step.stderr)} >&2`;
  if ('exit' in step) return `exit ${step.exit}`;
  // A shell waits for a foreground child before it runs a trap.
  if ('untilTerm' in step) return `trap 'exit ${step.untilTerm}' TERM INT\nsleep 1000000 & wait`;
  if ('ignoreTerm' in step) return `trap '' TERM\nsleep 1000000`;
  if ('cat' in step) return 'cat';
  return 'until size=$(stty size 2>/dev/null) && [ -n "$size" ] && [ "$size" != "0 0" ]; do sleep 0.02; done; echo "$size"';
}

function quoted(words: string): string {
  return `'${words.replaceAll("'", `'\\''`)}'`;
}

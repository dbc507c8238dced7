/** A process in a simulated container: the steps of its program on the caller's streams. */
import { EngineError, type ExecOptions, type ProcessStreams } from '../../src/runtime/engine/container-engine.ts';
import { programOf } from './simulated-program.ts';

export async function simulateExec(options: ExecOptions, io: ProcessStreams, signal: AbortSignal): Promise<number> {
  const program = programOf(options.command);
  if (program?.startError !== undefined) throw new EngineError('InvalidSpec', program.startError);
  for (const step of program?.steps ?? []) {
    signal.throwIfAborted();
    if ('stdout' in step && options.stdout) await io.stdout(Buffer.from(step.stdout));
    // A terminal has one output.
    if ('stderr' in step && options.tty) await io.stdout(Buffer.from(step.stderr));
    else if ('stderr' in step && options.stderr) await io.stderr(Buffer.from(step.stderr));
    if ('exit' in step) return step.exit;
    if ('cat' in step) for await (const data of io.stdin ?? []) await io.stdout(data);
    if ('printSize' in step) await printSize(io);
    if ('untilTerm' in step || 'ignoreTerm' in step) await aborted(signal);
  }
  return 0;
}

async function printSize(io: ProcessStreams): Promise<void> {
  for await (const { width, height } of io.resize ?? []) {
    await io.stdout(Buffer.from(`${height} ${width}\r\n`));
    return;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

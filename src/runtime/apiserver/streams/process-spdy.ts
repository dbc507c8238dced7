/** A process's streams over SPDY/3.1, as kubectl before 1.31 and client-go ask for them: v4.channel.k8s.io. */
import type { Duplex } from 'node:stream';
import { AsyncQueue } from '../../../shared/async-queue.ts';
import { linesOf } from '../../../shared/lines.ts';
import { untilDrained } from '../../../shared/stream-drain.ts';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { ProcessTarget } from '../subresources/process-target.ts';
import { processStatus, runProcess } from './process-session.ts';
import { terminalSize } from './process-websocket.ts';
import type { PodProcessStreams, TerminalSize } from './pod-streams.ts';

export const spdyProcessProtocol = 'v4.channel.k8s.io';

type StreamName = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize';

/** The streams that the client of such a command opens. */
function expected({ options }: ProcessTarget): readonly StreamName[] {
  const { stdin, stdout, stderr, tty } = options;
  return [
    'error',
    ...(stdin ? (['stdin'] as const) : []),
    ...(stdout ? (['stdout'] as const) : []),
    // A terminal has one output.
    ...(stderr && !tty ? (['stderr'] as const) : []),
    ...(tty ? (['resize'] as const) : []),
  ];
}

export async function serveProcessOverSpdy(
  transport: Duplex,
  target: ProcessTarget,
  abort: AbortController,
): Promise<void> {
  const opened = new Map<string, Duplex>();
  const names = expected(target);
  let begin = (): void => undefined;
  const complete = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const connection = new SpdyConnection(transport, ({ headers, duplex }) => {
    opened.set(headers.get('streamtype') ?? '', duplex);
    if (names.every((name) => opened.has(name))) begin();
  });
  const served = connection.serve().then(() => abort.abort());
  await Promise.race([complete, served]);
  const error = opened.get('error');
  if (!error || !names.every((name) => opened.has(name))) return;
  const sizes = new AsyncQueue<TerminalSize>();
  const resize = opened.get('resize');
  const resizing = resize ? readSizes(resize, sizes) : Promise.resolve(sizes.close());
  const streams: PodProcessStreams = {
    stdin: opened.get('stdin') ?? new AsyncQueue<Uint8Array>(),
    resize: sizes,
    stdout: (chunk) => write(opened.get('stdout'), chunk),
    stderr: (chunk) => write(opened.get('stderr') ?? opened.get('stdout'), chunk),
  };
  const result = await runProcess(target, streams, abort.signal);
  for (const name of ['stdout', 'stderr']) opened.get(name)?.end();
  error.end(JSON.stringify(processStatus(result)));
  await Promise.race([finished([...opened.values()]), served]);
  sizes.close();
  await connection.close().catch(() => undefined);
  await resizing;
}

async function readSizes(resize: Duplex, sizes: AsyncQueue<TerminalSize>): Promise<void> {
  try {
    for await (const line of linesOf(resize)) {
      const size = terminalSize(line);
      if (size) sizes.push(size);
    }
  } catch {
    // The client has gone; the command ends by the signal.
  } finally {
    sizes.close();
  }
}

async function write(stream: Duplex | undefined, chunk: Uint8Array): Promise<void> {
  if (!stream || stream.destroyed || stream.write(chunk)) return;
  await untilDrained(stream);
}

/** Everything written has gone out. */
async function finished(streams: readonly Duplex[]): Promise<void> {
  await Promise.all(
    streams
      .filter((stream) => stream.writableEnded && !stream.writableFinished && !stream.destroyed)
      .map((stream) => new Promise<void>((resolve) => stream.once('finish', resolve).once('close', resolve))),
  );
}

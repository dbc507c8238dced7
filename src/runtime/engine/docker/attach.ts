/** The streams of a container's own process, over a hijacked connection. */
import { sleep, type Clock, type Milliseconds } from '../../../shared/clock.ts';
import { EngineError, type AttachOptions, type ProcessStreams } from '../container-engine.ts';
import { child } from './decode.ts';
import type { DockerHttp, HijackedConnection } from './docker-http.ts';
import { deliver, DETACH_KEYS, feedStdin, received, resizeTerminal } from './process-streams.ts';
import { demultiplex, rawOutput } from './streams.ts';

/** Docker ends the connection with the container; to one that has ended before, it would stay open. */
const LAST_WORDS: Milliseconds = 1000;

export interface Attachment {
  /** Of the container. */
  readonly path: string;
  readonly options: AttachOptions;
  readonly io: ProcessStreams;
}

export async function attach(
  http: DockerHttp,
  clock: Clock,
  { path, options, io }: Attachment,
  signal: AbortSignal,
): Promise<void> {
  const found = await http.json({ method: 'GET', path: `${path}/json`, signal });
  if (!isRunning(found)) throw new EngineError('Conflict', 'the container is not running');
  const config = child(found, 'Config');
  const tty = child(config, 'Tty') === true;
  // Of any other container Docker takes the end of the input for the wish to see no more output either.
  const endsInput = options.stdin && !tty && child(config, 'StdinOnce') === true;
  const query = { stream: true, ...options, detachKeys: DETACH_KEYS };
  const connection = await http.hijack({ path: `${path}/attach`, query }, signal);
  const { socket } = connection;
  const ended = new AbortController();
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  let missed = false;
  const watched = async (): Promise<void> => {
    if (isRunning(await http.json({ method: 'GET', path: `${path}/json`, signal: ended.signal }))) return;
    await sleep(clock, LAST_WORDS, ended.signal);
    missed = true;
    socket.destroy();
  };
  try {
    await Promise.all([
      output(connection, tty, io).finally(() => ended.abort()),
      feedStdin(socket, options.stdin ? io.stdin : undefined, ended.signal).then(() => {
        if (endsInput && socket.writable) socket.end();
      }),
      resizeTerminal(http, path, tty ? io.resize : undefined, ended.signal),
      watched().catch((error: unknown) => {
        if (!ended.signal.aborted && !isGone(error)) throw error;
      }),
    ]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!missed) throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

async function output(connection: HijackedConnection, tty: boolean, io: ProcessStreams): Promise<void> {
  const bytes = received(connection);
  for await (const chunk of tty ? rawOutput(bytes) : demultiplex(bytes)) await deliver(io, chunk);
}

function isRunning(inspected: unknown): boolean {
  return child(child(inspected, 'State'), 'Running') === true;
}

function isGone(error: unknown): boolean {
  return error instanceof EngineError && error.reason === 'NotFound';
}

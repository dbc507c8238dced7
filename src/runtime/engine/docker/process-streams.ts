/** The streams of one process over a connection that Docker handed over. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { EngineError, type LogChunk, type ProcessStreams } from '../container-engine.ts';
import type { DockerHttp, HijackedConnection } from './docker-http.ts';

/**
 * Docker always has keys that detach, and holds back what may become them: its own begin with Ctrl-P, which shells use. So many
 * of a key that nothing uses, that nobody gets there by accident.
 */
export const DETACH_KEYS = Array.from({ length: 16 }, () => 'ctrl-^').join(',');

export async function* received({ socket, head }: HijackedConnection): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for await (const chunk of socket) if (chunk instanceof Uint8Array) yield chunk;
}

export function deliver(io: ProcessStreams, chunk: LogChunk): Promise<void> {
  return chunk.stream === 'stdout' ? io.stdout(chunk.data) : io.stderr(chunk.data);
}

/** Copies the input with back-pressure, to its end. */
export async function feedStdin(socket: Socket, stdin: ProcessStreams['stdin'], ended: AbortSignal): Promise<void> {
  if (!stdin) return;
  await untilAborted(stdin, ended, async (data) => {
    if (!socket.writable) return;
    if (!socket.write(data)) await once(socket, 'drain', { signal: ended }).catch(ignoreOnce(ended));
  });
}

function ignoreOnce(ended: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!ended.aborted) throw error;
  };
}

/** Passes sizes on until the process has ended. `path`: of the container or exec. */
export async function resizeTerminal(
  http: DockerHttp,
  path: string,
  sizes: ProcessStreams['resize'],
  ended: AbortSignal,
): Promise<void> {
  if (!sizes) return;
  await untilAborted(sizes, ended, async ({ width, height }) => {
    const query = { w: width, h: height };
    await http.json({ method: 'POST', path: `${path}/resize`, query, signal: ended }).catch((error: unknown) => {
      // The process may be over by now; a size that came too late is of no concern to anyone.
      if (ended.aborted) return;
      if (!(error instanceof EngineError) || error.reason === 'Unreachable') throw error;
    });
  });
}

/** Takes items until the source ends or the signal aborts, even while the source has nothing to give. */
export async function untilAborted<T>(
  source: AsyncIterable<T>,
  ended: AbortSignal,
  take: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const next = await nextOrAbort(iterator, ended);
    if (next === undefined) {
      // Not awaited, and of no concern any more: a generator answers only when the item it waits for has come.
      iterator.return?.().catch(() => undefined);
      return;
    }
    if (next.done) return;
    await take(next.value);
  }
}

/** Not a race with one lasting promise, which would hold on to every item until the process ends. */
function nextOrAbort<T>(iterator: AsyncIterator<T>, ended: AbortSignal): Promise<IteratorResult<T> | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    if (ended.aborted) onAbort();
    ended.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => ended.removeEventListener('abort', onAbort);
    iterator.next().then(
      (next) => (settled(), resolve(next)),
      (error: unknown) => (settled(), reject(error)),
    );
  });
}

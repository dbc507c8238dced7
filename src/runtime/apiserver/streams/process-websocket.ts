/** A process's streams as channels of a WebSocket: v5.channel.k8s.io and v4.channel.k8s.io (KEP-4006). */
import type { WebSocket } from 'ws';
import { AsyncQueue } from '../../../shared/async-queue.ts';
import { isRecord } from '../../../shared/deep.ts';
import type { PodProcessStreams, TerminalSize } from './pod-streams.ts';
import { processChannels } from './process-channels.ts';
import { processStatus, runProcess } from './process-session.ts';
import type { ProcessTarget } from '../subresources/process-target.ts';
import { channelBytes, sendOnChannel } from './websocket-channels.ts';

/** Input that the process has not read yet, in bytes; with more of it the client is read no further. */
const MOST_UNREAD = 8 * 1024 * 1024;
/** Sizes that nobody has taken yet. */
const MOST_SIZES = 4096;
const NORMAL_CLOSURE = 1000;

interface Receiver {
  readonly client: WebSocket;
  readonly input: ClientInput;
  readonly sizes: AsyncQueue<TerminalSize>;
}

/** What the client sends to the process, held back at the client while the process does not read. */
class ClientInput implements AsyncIterable<Uint8Array> {
  readonly #queue = new AsyncQueue<Uint8Array>();
  readonly #client: WebSocket;
  #unread = 0;

  constructor(client: WebSocket) {
    this.#client = client;
  }

  push(chunk: Uint8Array): void {
    if (!this.#queue.push(chunk)) return;
    this.#unread += chunk.length;
    if (this.#unread > MOST_UNREAD) this.#client.pause();
  }

  close(): void {
    this.#queue.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#queue) {
      this.#unread -= chunk.length;
      if (this.#unread <= MOST_UNREAD / 2) this.#client.resume();
      yield chunk;
    }
  }
}

export async function serveProcessOverWebSocket(
  client: WebSocket,
  target: ProcessTarget,
  abort: AbortController,
): Promise<void> {
  const input = new ClientInput(client);
  const sizes = new AsyncQueue<TerminalSize>(MOST_SIZES);
  if (!target.options.stdin) input.close();
  client.on('message', (data, binary) => receive(channelBytes(data), binary, { client, input, sizes }));
  client.once('close', () => {
    input.close();
    sizes.close();
    abort.abort();
  });
  client.on('error', () => client.terminate());
  const streams: PodProcessStreams = {
    stdin: input,
    resize: sizes,
    stdout: (chunk) => sendOnChannel(client, processChannels.stdout, chunk),
    stderr: (chunk) => sendOnChannel(client, processChannels.stderr, chunk),
  };
  const result = await runProcess(target, streams, abort.signal);
  // What comes from now on is of no use, but its end has to be seen.
  input.close();
  client.resume();
  if (client.readyState !== client.OPEN) return;
  await sendOnChannel(client, processChannels.error, Buffer.from(JSON.stringify(processStatus(result))));
  client.close(NORMAL_CLOSURE);
}

function receive(message: Buffer, binary: boolean, { client, input, sizes }: Receiver): void {
  if (!binary) {
    client.close(1003, 'only binary messages are understood');
    return;
  }
  const [channel, second] = message;
  if (channel === processChannels.stdin) {
    if (message.length > 1) input.push(message.subarray(1));
  } else if (channel === processChannels.resize) {
    const size = terminalSize(message.toString('utf8', 1));
    if (size) sizes.push(size);
  } else if (channel === processChannels.close && second === processChannels.stdin) input.close();
}

/** `{"Width":80,"Height":24}`; undefined for what cannot be read, which changes nothing. */
export function terminalSize(text: string): TerminalSize | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return undefined;
    const { Width: width, Height: height } = value;
    return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

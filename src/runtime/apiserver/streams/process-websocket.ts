/** A process's streams as channels of a WebSocket: v5.channel.k8s.io (KEP-4006) and what was before it. */
import type { WebSocket } from 'ws';
import { AsyncQueue } from '../../../shared/async-queue.ts';
import { isRecord } from '../../../shared/deep.ts';
import type { PodAttachOptions, PodProcessResult, PodProcessStreams, TerminalSize } from './pod-streams.ts';
import { processChannels, processProtocols, tellsStatus } from './process-channels.ts';
import { processStatus, runProcess } from './process-session.ts';
import type { ProcessTarget } from '../subresources/process-target.ts';
import { channelMessage, sendOnChannel } from './websocket-channels.ts';
import type { ChannelMessage } from './websocket-channels.ts';

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
  client.on('message', (data, binary) => receive(channelMessage(client, data, binary), { client, input, sizes }));
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
  await greet(client, target.options);
  const result = await runProcess(target, streams, abort.signal);
  // What comes from now on is of no use, but its end has to be seen.
  input.close();
  client.resume();
  if (client.readyState !== client.OPEN) return;
  const word = lastWord(client, result);
  if (word !== undefined) await sendOnChannel(client, processChannels.error, Buffer.from(word));
  client.close(NORMAL_CLOSURE);
}

function receive(message: ChannelMessage | undefined, { client, input, sizes }: Receiver): void {
  if (!message) {
    client.close(1003, 'this message is not of the kind that the protocol has');
    return;
  }
  const { channel, bytes } = message;
  if (channel === processChannels.stdin) {
    if (bytes.length > 0) input.push(bytes);
  } else if (channel === processChannels.resize) {
    const size = terminalSize(bytes.toString('utf8'));
    if (size) sizes.push(size);
  } else if (channel === processChannels.close && bytes[0] === processChannels.stdin) input.close();
}

/** As upstream: before the newest protocol an empty message on the first channel says that the connection stands. */
async function greet(client: WebSocket, { stdout, stderr }: PodAttachOptions): Promise<void> {
  if (client.protocol === processProtocols[0]) return;
  const { stdout: output, stderr: errors, error } = processChannels;
  await sendOnChannel(client, stdout ? output : stderr ? errors : error, Buffer.alloc(0));
}

/** The last message on the channel of errors; undefined where there is nothing to say. */
function lastWord(client: WebSocket, result: PodProcessResult): string | undefined {
  const status = processStatus(result);
  if (tellsStatus(client.protocol)) return JSON.stringify(status);
  return status.status === 'Success' ? undefined : status.message;
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

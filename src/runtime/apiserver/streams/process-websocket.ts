/** A command's streams as channels of a WebSocket: v5.channel.k8s.io and v4.channel.k8s.io (KEP-4006). */
import type { WebSocket } from 'ws';
import { AsyncQueue } from '../../../shared/async-queue.ts';
import { isRecord } from '../../../shared/deep.ts';
import type { PodProcessStreams, TerminalSize } from './pod-streams.ts';
import { processChannels } from './process-channels.ts';
import { processStatus, runProcess } from './process-session.ts';
import type { ProcessTarget } from '../subresources/process-target.ts';
import { channelBytes, sendOnChannel } from './websocket-channels.ts';

/** Input that a command has not read yet, in messages. */
const INPUT_LIMIT = 4096;
const NORMAL_CLOSURE = 1000;

interface Receiver {
  readonly client: WebSocket;
  readonly input: AsyncQueue<Uint8Array>;
  readonly sizes: AsyncQueue<TerminalSize>;
}

export async function serveProcessOverWebSocket(
  client: WebSocket,
  target: ProcessTarget,
  abort: AbortController,
): Promise<void> {
  const input = new AsyncQueue<Uint8Array>(INPUT_LIMIT);
  const sizes = new AsyncQueue<TerminalSize>(INPUT_LIMIT);
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

/** Ports of a pod as streams of a client's connection. */
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { WebSocket } from 'ws';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-connection.ts';
import type { PortForwardTarget } from '../subresources/port-forward.ts';
import { channelMessage, sendOnChannel } from './websocket-channels.ts';

/** Over SPDY, which kubectl from 1.31 on wraps in a WebSocket (KEP-4006). */
export const portForwardProtocol = 'portforward.k8s.io';
export const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`;
/** Two channels a port; without a name, binary. */
export const channelProtocols: readonly string[] = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''];

const NORMAL_CLOSURE = 1000;
const UNSUPPORTED = 1003;

interface Pair {
  data?: Duplex;
  error?: Duplex;
}

/** Every connection of the client's side is a pair of streams, data and error, with one requestID. */
export async function forwardOverSpdy(
  transport: Duplex,
  target: PortForwardTarget,
  abort: AbortController,
): Promise<void> {
  const pairs = new Map<string, Pair>();
  const connection = new SpdyConnection(transport, (stream) => {
    const port = stream.headers.get('port') ?? '';
    // Clients of old times give no requestID and open one pair at a time for each port.
    const id = stream.headers.get('requestid') ?? `port ${port}`;
    const pair = pairs.get(id) ?? {};
    pairs.set(id, pair);
    take(pair, stream);
    if (!pair.data || !pair.error) return;
    pairs.delete(id);
    void forward(target, port, { data: pair.data, error: pair.error }, abort.signal);
  });
  await connection.serve();
  abort.abort();
}

function take(pair: Pair, { headers, duplex }: SpdyStream): void {
  const type = headers.get('streamtype');
  if (type === 'data') pair.data = duplex;
  else if (type === 'error') pair.error = duplex;
  else duplex.destroy();
}

/** Never rejects: what goes wrong is told on the error stream. */
async function forward(
  target: PortForwardTarget,
  port: string,
  { data, error }: Required<Pair>,
  signal: AbortSignal,
): Promise<void> {
  // Nobody writes to it; unread, its end would never come.
  error.resume();
  try {
    const socket = await connected(target, port, signal);
    await joined(data, socket);
    error.end();
  } catch (failure) {
    data.end();
    error.end(failureText(target, port, failure));
  }
}

function failureText({ pod }: PortForwardTarget, port: string, failure: unknown): string {
  const why = failure instanceof Error ? failure.message : String(failure);
  return `error forwarding port ${port} to pod ${pod.metadata.name ?? ''}: ${why}`;
}

async function connected(target: PortForwardTarget, port: string, signal: AbortSignal): Promise<Duplex> {
  const number = Number(port);
  if (!/^\d+$/.test(port) || number < 1 || number > 65_535) throw new Error('this is no port');
  return target.streams.connect(target.pod, number, signal);
}

/** Carries bytes both ways until both directions have ended. */
async function joined(client: Duplex, socket: Duplex): Promise<void> {
  client.pipe(socket);
  socket.pipe(client);
  // A side that fails takes the other along; which one it was makes no difference to either.
  const ends = [finished(client).finally(() => socket.destroy()), finished(socket).finally(() => client.end())];
  await Promise.allSettled(ends);
}

/** As @kubernetes/client-node asks for it: channel 2n carries the n-th port's data, 2n+1 its errors. */
export async function forwardOverChannels(
  client: WebSocket,
  target: PortForwardTarget,
  abort: AbortController,
): Promise<void> {
  client.on('error', () => client.terminate());
  client.once('close', () => abort.abort());
  const sockets: (Duplex | undefined)[] = [];
  const early: Buffer[][] = target.ports.map(() => []);
  client.on('message', (data, binary) => {
    const message = channelMessage(client, data, binary);
    const index = (message?.channel ?? -1) / 2;
    if (!message || !Number.isInteger(index) || index < 0 || index >= target.ports.length) {
      client.close(UNSUPPORTED, 'only messages on the channels of the ports are understood');
      return;
    }
    const socket = sockets[index];
    if (socket) socket.write(message.bytes);
    else early[index]?.push(message.bytes);
  });
  await Promise.all(
    target.ports.map((port, index) => portOnChannels(client, target, { port, index, sockets, early }, abort)),
  );
  if (client.readyState === client.OPEN) client.close(NORMAL_CLOSURE);
}

interface PortChannels {
  readonly port: number;
  readonly index: number;
  readonly sockets: (Duplex | undefined)[];
  readonly early: readonly Buffer[][];
}

async function portOnChannels(
  client: WebSocket,
  target: PortForwardTarget,
  { port, index, sockets, early }: PortChannels,
  abort: AbortController,
): Promise<void> {
  const data = index * 2;
  const number = Buffer.alloc(2);
  number.writeUInt16LE(port);
  await sendOnChannel(client, data, number);
  await sendOnChannel(client, data + 1, number);
  try {
    const socket = await connected(target, String(port), abort.signal);
    sockets[index] = socket;
    abort.signal.addEventListener('abort', () => socket.destroy(), { once: true });
    for (const bytes of early[index] ?? []) socket.write(bytes);
    for await (const chunk of socket) if (Buffer.isBuffer(chunk)) await sendOnChannel(client, data, chunk);
  } catch (failure) {
    if (!abort.signal.aborted)
      await sendOnChannel(client, data + 1, Buffer.from(failureText(target, String(port), failure)));
  }
}

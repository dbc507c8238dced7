/** Messages of a WebSocket that name the channel which the rest belongs to: by a byte, or by a digit before base64. */
import type { WebSocket } from 'ws';

const OUTPUT_BUFFER = 1024 * 1024;
const DIGIT_ZERO = 0x30;

type Received = Buffer | ArrayBuffer | Buffer[];

export interface ChannelMessage {
  readonly channel: number;
  readonly bytes: Buffer;
}

function isText({ protocol }: Pick<WebSocket, 'protocol'>): boolean {
  return /\bbase64\b/.test(protocol);
}

/** Undefined for a message that is not of the kind which the protocol has. */
export function channelMessage(client: WebSocket, data: Received, binary: boolean): ChannelMessage | undefined {
  const message = bytesOf(data);
  const first = message[0] ?? 0;
  if (isText(client)) {
    if (binary && message.length > 0 && (first < DIGIT_ZERO || first > DIGIT_ZERO + 9)) return undefined;
    return { channel: first - DIGIT_ZERO, bytes: Buffer.from(message.toString('latin1', 1), 'base64') };
  }
  return binary ? { channel: first, bytes: message.subarray(1) } : undefined;
}

function bytesOf(data: Received): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** Resolves at once while the client keeps up; one that does not read holds the sender back. */
export async function sendOnChannel(client: WebSocket, channel: number, chunk: Uint8Array): Promise<void> {
  if (isText(client)) return sendText(client, `${channel}${Buffer.from(chunk).toString('base64')}`);
  return sendBytes(client, Buffer.concat([Buffer.from([channel]), chunk]));
}

/** As `sendOnChannel`, for messages that are text. */
export function sendText(client: WebSocket, text: string): Promise<void> {
  return send(client, Buffer.from(text), false);
}

/** As `sendOnChannel`, without channels. */
export function sendBytes(client: WebSocket, bytes: Uint8Array): Promise<void> {
  return send(client, bytes, true);
}

async function send(client: WebSocket, message: Uint8Array, binary: boolean): Promise<void> {
  if (client.readyState !== client.OPEN) return;
  const sent = new Promise<void>((resolve) => client.send(message, { binary }, () => resolve()));
  if (client.bufferedAmount > OUTPUT_BUFFER) await sent;
}

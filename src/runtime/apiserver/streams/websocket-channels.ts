/** Messages of a WebSocket whose first byte names the channel that the rest belongs to. */
import type { WebSocket } from 'ws';

const OUTPUT_BUFFER = 1024 * 1024;

export function channelBytes(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** Resolves at once while the client keeps up; one that does not read holds the sender back. */
export async function sendOnChannel(client: WebSocket, channel: number, chunk: Uint8Array): Promise<void> {
  if (client.readyState !== client.OPEN) return;
  const message = Buffer.concat([Buffer.from([channel]), chunk]);
  const sent = new Promise<void>((resolve) => client.send(message, { binary: true }, () => resolve()));
  if (client.bufferedAmount > OUTPUT_BUFFER) await sent;
}

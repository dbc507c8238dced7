/** Answers that go on, over a WebSocket: logs in binary messages or base64, and each event of a watch as a message of text. */
import type { WebSocket } from 'ws';
import type { JsonEncoding } from '../json-encoding.ts';
import type { WatchEvent } from '../request.ts';
import { sendBytes, sendText } from './websocket-channels.ts';

const BASE64 = 'base64.binary.k8s.io';
/** What a log can be had as; the empty one for clients that name none. */
export const logProtocols: readonly string[] = ['', 'binary.k8s.io', BASE64];

const NORMAL_CLOSURE = 1000;

/** Never rejects: what fails on the way ends the connection. */
export function serveLog(client: WebSocket, chunks: AsyncIterable<Uint8Array>, abort: AbortController): Promise<void> {
  const isText = client.protocol === BASE64;
  const put = (bytes: Uint8Array): Promise<void> =>
    isText ? sendText(client, Buffer.from(bytes).toString('base64')) : sendBytes(client, bytes);
  return serve(client, abort, async () => {
    // As upstream: an empty message says that the connection stands, however long the log stays silent.
    await put(Buffer.alloc(0));
    for await (const chunk of chunks) {
      if (client.readyState !== client.OPEN) return;
      await put(chunk);
    }
  });
}

/** Never rejects: what fails on the way ends the connection. */
export function serveWatch(
  client: WebSocket,
  events: AsyncIterable<WatchEvent>,
  json: JsonEncoding,
  abort: AbortController,
): Promise<void> {
  return serve(client, abort, async () => {
    for await (const event of events) {
      if (client.readyState !== client.OPEN) return;
      await sendText(client, json.event(event).toString('utf8'));
    }
  });
}

async function serve(client: WebSocket, abort: AbortController, act: () => Promise<void>): Promise<void> {
  client.on('error', () => client.terminate());
  client.once('close', () => abort.abort());
  try {
    await act();
    if (client.readyState === client.OPEN) client.close(NORMAL_CLOSURE);
  } catch {
    // An answer has begun: how it ends is all that can still be said.
    client.terminate();
  }
}

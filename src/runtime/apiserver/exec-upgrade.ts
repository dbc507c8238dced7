/** Commands in containers over WebSocket (KEP-4006): sub-protocols v5.channel.k8s.io and v4.channel.k8s.io. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { AsyncQueue } from '../../shared/async-queue.ts';
import { isRecord } from '../../shared/deep.ts';
import { authenticate, certificateUser } from './authentication.ts';
import { impersonated } from './impersonation.ts';
import type { PodExecResult, PodExecStreams } from './pod-streams.ts';
import type { ApiRequest } from './request.ts';
import { requestInfo } from './request-info.ts';
import type { ListenerParts } from './server.ts';
import { execTarget } from './subresources/exec.ts';
import type { ExecTarget } from './subresources/exec.ts';
import type { ApiError } from './status-error.ts';
import { apiErrorOf, badRequest, pathNotFound, statusOf } from './status-error.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** v5 only: the channel in the second byte is at its end. */
const CLOSE = 255;
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const MESSAGE_LIMIT = 4 * 1024 * 1024;
/** Input that a command has not read yet, in messages. */
const INPUT_LIMIT = 4096;
const OUTPUT_BUFFER = 1024 * 1024;
const NORMAL_CLOSURE = 1000;

export class ExecUpgrade {
  readonly #parts: ListenerParts;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_LIMIT,
    perMessageDeflate: false,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Never rejects: what cannot be upgraded gets a Status. */
  handle(request: IncomingMessage, socket: TLSSocket, head: Buffer): void {
    socket.on('error', () => undefined);
    const abort = new AbortController();
    socket.once('close', () => abort.abort());
    this.#prepare(request, socket, abort.signal).then(
      (target) =>
        this.#sockets.handleUpgrade(request, socket, head, (client) => void this.#serve(client, target, abort)),
      (error: unknown) => refuse(socket, apiErrorOf(error)),
    );
  }

  /** @throws ApiError */
  async #prepare(incoming: IncomingMessage, socket: TLSSocket, signal: AbortSignal): Promise<ExecTarget> {
    const { headers, url = '/' } = incoming;
    const [path = '/', search = ''] = url.split('?', 2);
    const fromCertificate = socket.authorized ? certificateUser(socket.getPeerCertificate()) : undefined;
    const { tokens, roles } = this.#parts.parts;
    const user = impersonated(await authenticate(headers.authorization, fromCertificate, tokens), headers, roles);
    const request: ApiRequest = {
      method: 'GET',
      path,
      query: new URLSearchParams(search),
      user,
      userAgent: headers['user-agent'] ?? '',
      contentType: '',
      body: undefined,
      signal,
    };
    const info = requestInfo(request, this.#parts.parts.registry);
    // A WebSocket begins as a GET, but running a command is no reading.
    this.#parts.pipeline.authorize(request, info, 'create');
    if (!info.isResourceRequest || info.subresource !== 'exec') throw pathNotFound();
    // What is wrong with the command matters more than how it was asked: kubectl tries another way and shows the last answer.
    const target = await execTarget(this.#parts.pipeline.context(request, info));
    if (!/websocket/i.test(headers.upgrade ?? '')) {
      throw badRequest(
        `unable to upgrade: ${headers.upgrade ?? 'nothing'} is not supported, only websocket (kubectl 1.30 or later)`,
      );
    }
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!offered.some((name) => PROTOCOLS.includes(name))) {
      throw badRequest(
        `unable to upgrade: none of the sub-protocols ${offered.join(', ')} is supported, only ${PROTOCOLS.join(', ')}`,
      );
    }
    return target;
  }

  async #serve(client: WebSocket, target: ExecTarget, abort: AbortController): Promise<void> {
    const input = new AsyncQueue<Uint8Array>(INPUT_LIMIT);
    const sizes = new AsyncQueue<{ readonly width: number; readonly height: number }>(INPUT_LIMIT);
    client.on('message', (data, binary) => receive(toBuffer(data), binary, { client, input, sizes }));
    client.once('close', () => {
      input.close();
      sizes.close();
      abort.abort();
    });
    client.on('error', () => client.terminate());
    const streams: PodExecStreams = {
      stdin: input,
      resize: sizes,
      stdout: (chunk) => send(client, STDOUT, chunk),
      stderr: (chunk) => send(client, STDERR, chunk),
    };
    const result = await run(target, streams, abort.signal);
    if (client.readyState !== client.OPEN) return;
    await send(client, ERROR, Buffer.from(JSON.stringify(resultStatus(result))));
    client.close(NORMAL_CLOSURE);
  }
}

async function run(target: ExecTarget, streams: PodExecStreams, signal: AbortSignal): Promise<PodExecResult> {
  try {
    return await target.streams.exec(target.pod, target.container, target.options, streams, signal);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

interface Receiver {
  readonly client: WebSocket;
  readonly input: AsyncQueue<Uint8Array>;
  readonly sizes: AsyncQueue<{ readonly width: number; readonly height: number }>;
}

function receive(message: Buffer, binary: boolean, { client, input, sizes }: Receiver): void {
  if (!binary) {
    client.close(1003, 'only binary messages are understood');
    return;
  }
  const [channel, second] = message;
  if (channel === STDIN) {
    if (message.length > 1) input.push(message.subarray(1));
  } else if (channel === RESIZE) {
    const size = sizeOf(message.subarray(1));
    if (size) sizes.push(size);
  } else if (channel === CLOSE && second === STDIN) input.close();
}

function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function sizeOf(bytes: Buffer): { readonly width: number; readonly height: number } | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (!isRecord(value)) return undefined;
    const { Width: width, Height: height } = value;
    return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined;
  } catch {
    // A size that cannot be read changes nothing.
    return undefined;
  }
}

async function send(client: WebSocket, channel: number, chunk: Uint8Array): Promise<void> {
  if (client.readyState !== client.OPEN) return;
  const message = Buffer.concat([Buffer.from([channel]), chunk]);
  const sent = new Promise<void>((resolve) => client.send(message, { binary: true }, () => resolve()));
  // Small output needs no waiting; a client that does not read holds the command back.
  if (client.bufferedAmount > OUTPUT_BUFFER) await sent;
}

function resultStatus(result: PodExecResult): object {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {} };
  if ('error' in result) {
    return {
      ...base,
      status: 'Failure',
      reason: 'InternalError',
      message: result.error,
      details: { causes: [{ message: result.error }] },
      code: 500,
    };
  }
  if (result.exitCode === 0) return { ...base, status: 'Success' };
  return {
    ...base,
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${result.exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(result.exitCode) }] },
  };
}

function refuse(socket: Duplex, error: ApiError): void {
  const body = JSON.stringify(statusOf(error));
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

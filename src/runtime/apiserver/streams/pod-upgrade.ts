/** Requests that leave HTTP behind: streams of containers, commands in them and forwarded ports, over WebSocket (KEP-4006) or SPDY/3.1. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { authenticate, certificateUser } from '../authentication.ts';
import { impersonated } from '../impersonation.ts';
import type { ApiRequest } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { requestInfo } from '../request-info.ts';
import type { ListenerParts } from '../server.ts';
import { proxyTarget } from '../reverse-proxy/proxy-target.ts';
import { connectVerb, passageOf, passUpgrade } from '../reverse-proxy/reverse-proxy.ts';
import type { Passage } from '../reverse-proxy/reverse-proxy.ts';
import { attachTarget } from '../subresources/attach.ts';
import { execTarget } from '../subresources/exec.ts';
import { portForwardTarget } from '../subresources/port-forward.ts';
import type { ProcessTarget } from '../subresources/process-target.ts';
import { ApiError, apiErrorOf, badRequest, pathNotFound, statusOf } from '../status-error.ts';
import { serveProcessOverSpdy, spdyProcessProtocol } from './process-spdy.ts';
import { processProtocols } from './process-channels.ts';
import { serveProcessOverWebSocket } from './process-websocket.ts';
import {
  channelProtocol,
  forwardOverChannels,
  forwardOverSpdy,
  portForwardProtocol,
  tunnelProtocol,
} from './port-forward.ts';

const MESSAGE_LIMIT = 4 * 1024 * 1024;
const SPDY = 'SPDY/3.1';

type Serve<Connection> = (connection: Connection, abort: AbortController) => Promise<void>;

/** What a request wants, ready to be served over whichever protocol the client offers. */
interface Session {
  /** By sub-protocol of the WebSocket. */
  readonly webSocket: Readonly<Record<string, Serve<WebSocket>>>;
  /** By X-Stream-Protocol-Version. */
  readonly spdy: Readonly<Record<string, Serve<Duplex>>>;
}

function processSession(target: ProcessTarget): Session {
  const webSocket: Serve<WebSocket> = (client, abort) => serveProcessOverWebSocket(client, target, abort);
  return {
    webSocket: Object.fromEntries(processProtocols.map((protocol) => [protocol, webSocket])),
    spdy: { [spdyProcessProtocol]: (transport, abort) => serveProcessOverSpdy(transport, target, abort) },
  };
}

/** The table of what is served over upgraded connections, by subresource of pods. */
const sessions: Readonly<Record<string, (context: RequestContext) => Promise<Session>>> = {
  attach: async (context) => processSession(await attachTarget(context)),
  exec: async (context) => processSession(await execTarget(context)),
  async portforward(context) {
    const target = await portForwardTarget(context);
    const spdy: Serve<Duplex> = (transport, abort) => forwardOverSpdy(transport, target, abort);
    return {
      webSocket: {
        [tunnelProtocol]: (client, abort) => spdy(createWebSocketStream(client), abort),
        [channelProtocol]: (client, abort) => forwardOverChannels(client, target, abort),
      },
      spdy: { [portForwardProtocol]: spdy },
    };
  },
};

/** The first that both sides know, in the order of the client. */
function chosen(offered: string | readonly string[] | undefined, known: Readonly<Record<string, unknown>>): string {
  const names = [offered ?? []].flat().flatMap((text) => text.split(',').map((name) => name.trim()));
  const name = names.find((candidate) => Object.hasOwn(known, candidate));
  if (name !== undefined) return name;
  throw badRequest(
    `unable to upgrade: none of the protocols ${names.join(', ')} is supported, only ${Object.keys(known).join(', ')}`,
  );
}

export class PodUpgrade {
  readonly #parts: ListenerParts;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Never rejects: what cannot be upgraded gets a Status. */
  handle(request: IncomingMessage, socket: TLSSocket, head: Buffer): void {
    socket.on('error', () => undefined);
    const abort = new AbortController();
    socket.once('close', () => abort.abort());
    this.#prepare(request, socket, abort.signal)
      .then((session) =>
        'target' in session
          ? passUpgrade(session, request.headers, socket, head, abort.signal).catch(ended(socket))
          : begin(session, request, socket, head, abort),
      )
      .catch((error: unknown) => refuse(socket, apiErrorOf(error)));
  }

  /** @throws ApiError */
  async #prepare(incoming: IncomingMessage, socket: TLSSocket, signal: AbortSignal): Promise<Session | Passage> {
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
    const passedOn = info.isResourceRequest && info.subresource === 'proxy';
    // A WebSocket begins as a GET, but what happens over it is no reading; what a target does with it, is the target's business.
    this.#parts.pipeline.authorize(request, info, passedOn ? connectVerb(incoming.method ?? 'GET') : 'create');
    if (!info.isResourceRequest) throw pathNotFound();
    if (passedOn) {
      const { kind, key, parts } = this.#parts.pipeline.context(request, info);
      const asked = { method: incoming.method ?? 'GET', headers };
      return passageOf(asked, info, search, await proxyTarget(parts.reader, kind.plural, key));
    }
    const session = sessions[info.subresource];
    if (!session) throw pathNotFound();
    // What is wrong with the request itself matters more than how it was asked: kubectl tries another way and shows the last answer.
    return session(this.#parts.pipeline.context(request, info));
  }
}

/** @throws ApiError */
function begin(
  session: Session,
  request: IncomingMessage,
  socket: TLSSocket,
  head: Buffer,
  abort: AbortController,
): void {
  const wanted = request.headers.upgrade ?? '';
  if (/^websocket$/i.test(wanted)) {
    const protocol = chosen(request.headers['sec-websocket-protocol'], session.webSocket);
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MESSAGE_LIMIT,
      perMessageDeflate: false,
      handleProtocols: () => protocol,
    });
    sockets.handleUpgrade(request, socket, head, (client) => void session.webSocket[protocol]?.(client, abort));
    return;
  }
  if (wanted.toUpperCase() !== SPDY)
    throw badRequest(
      `unable to upgrade: ${wanted === '' ? 'nothing' : wanted} is not supported, only websocket and ${SPDY}`,
    );
  const protocol = chosen(request.headers['x-stream-protocol-version'], session.spdy);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${SPDY}\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  void session.spdy[protocol]?.(socket, abort);
}

/** A target that cannot be reached gets an answer; a failure after that ends the connection. */
function ended(socket: TLSSocket): (error: unknown) => void {
  return (error) => {
    if (error instanceof ApiError) throw error;
    socket.destroy();
  };
}

function refuse(socket: Duplex, error: ApiError): void {
  const body = JSON.stringify(statusOf(error));
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

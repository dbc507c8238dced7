/** Requests that leave HTTP behind: streams of containers, commands in them and forwarded ports, over WebSocket (KEP-4006) or SPDY/3.1. */
import { STATUS_CODES } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { admitConnection } from '../admission/connection.ts';
import { authenticate, certificateUser } from '../authentication.ts';
import { impersonated } from '../impersonation.ts';
import { JsonEncoding } from '../json-encoding.ts';
import { acceptedForm } from '../negotiation.ts';
import type { ApiRequest } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { requestInfo } from '../request-info.ts';
import type { RequestInfo } from '../request-info.ts';
import type { ListenerParts } from '../server.ts';
import { proxyTarget } from '../reverse-proxy/proxy-target.ts';
import { connectVerb, passageOf, passUpgrade } from '../reverse-proxy/reverse-proxy.ts';
import type { Passage } from '../reverse-proxy/reverse-proxy.ts';
import { attachTarget } from '../subresources/attach.ts';
import { execTarget } from '../subresources/exec.ts';
import { portForwardTarget } from '../subresources/port-forward.ts';
import type { ProcessTarget } from '../subresources/process-target.ts';
import { ApiError, apiErrorOf, badRequest, pathNotFound, statusOf } from '../status-error.ts';
import { logProtocols, serveLog, serveWatch } from './answer-websocket.ts';
import { serveProcessOverSpdy, spdyProcessProtocol } from './process-spdy.ts';
import { olderProcessProtocols, processProtocols } from './process-channels.ts';
import { serveProcessOverWebSocket } from './process-websocket.ts';
import {
  channelProtocols,
  forwardOverChannels,
  forwardOverSpdy,
  portForwardProtocol,
  tunnelProtocol,
} from './port-forward.ts';

const MESSAGE_LIMIT = 4 * 1024 * 1024;
const SPDY = 'SPDY/3.1';
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

type Serve<Connection> = (connection: Connection, abort: AbortController) => Promise<void>;

/** What a request wants, ready to be served over whichever protocol the client offers. */
interface Session {
  /** By sub-protocol of the WebSocket. */
  readonly webSocket: Readonly<Record<string, Serve<WebSocket>>>;
  /** By X-Stream-Protocol-Version. */
  readonly spdy: Readonly<Record<string, Serve<Duplex>>>;
}

/** For a request that needs no upgrade. */
interface PlainAnswer {
  readonly status: number;
  readonly object: object;
}

function byProtocol<C>(protocols: readonly string[], serve: Serve<C>): Readonly<Record<string, Serve<C>>> {
  return Object.fromEntries(protocols.map((protocol) => [protocol, serve]));
}

function processSession(target: ProcessTarget): Session {
  const webSocket: Serve<WebSocket> = (client, abort) => serveProcessOverWebSocket(client, target, abort);
  return {
    webSocket: byProtocol([...processProtocols, ...olderProcessProtocols], webSocket),
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
        ...byProtocol(channelProtocols, (client, abort) => forwardOverChannels(client, target, abort)),
      },
      spdy: { [portForwardProtocol]: spdy },
    };
  },
};

function namesIn(offered: string | readonly string[] | undefined): readonly string[] {
  const names = [offered ?? []].flat().flatMap((text) => text.split(',').map((name) => name.trim()));
  return names.filter((name) => name !== '' && !name.startsWith(TOKEN_PROTOCOL));
}

/** The first that both sides know, in the order of the client; the empty one where none is named and that will do. */
function chosen(offered: string | readonly string[] | undefined, known: Readonly<Record<string, unknown>>): string {
  const names = namesIn(offered);
  const name = (names.length === 0 ? [''] : names).find((candidate) => Object.hasOwn(known, candidate));
  if (name !== undefined) return name;
  throw badRequest(
    `unable to upgrade: none of the protocols ${names.join(', ')} is supported, only ${Object.keys(known)
      .filter((each) => each !== '')
      .join(', ')}`,
  );
}

/** Browsers cannot set the header: their token is one more protocol (apiserver, authentication/request/websocket). */
function authorizationOf({ authorization, ...headers }: IncomingHttpHeaders): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const token = offered.find((name) => name.startsWith(TOKEN_PROTOCOL));
  if (authorization !== undefined || token === undefined) return authorization;
  return `Bearer ${Buffer.from(token.slice(TOKEN_PROTOCOL.length), 'base64url').toString('utf8')}`;
}

export class PodUpgrade {
  readonly #parts: ListenerParts;
  readonly #json: JsonEncoding;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#json = new JsonEncoding(() => true);
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
          : 'object' in session
            ? answer(socket, session.status, session.object)
            : begin(session, request, socket, head, abort),
      )
      .catch((error: unknown) => refuse(socket, apiErrorOf(error)));
  }

  /** @throws ApiError */
  async #prepare(
    incoming: IncomingMessage,
    socket: TLSSocket,
    signal: AbortSignal,
  ): Promise<Session | Passage | PlainAnswer> {
    const { headers, url = '/' } = incoming;
    const [path = '/', search = ''] = url.split('?', 2);
    const fromCertificate = socket.authorized ? certificateUser(socket.getPeerCertificate()) : undefined;
    const { tokens, roles } = this.#parts.parts;
    const user = impersonated(await authenticate(authorizationOf(headers), fromCertificate, tokens), headers, roles);
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
    const remote = this.#parts.aggregation.find(path);
    if (remote) {
      this.#parts.pipeline.authorize(request, info);
      return this.#parts.aggregation.passage(remote, { method: incoming.method ?? 'GET', headers, path: url }, user);
    }
    const passedOn = info.isResourceRequest && info.subresource === 'proxy';
    const session = info.isResourceRequest ? sessions[info.subresource] : undefined;
    if (!passedOn && !session) return this.#answered(request, info, incoming);
    // A WebSocket begins as a GET, but what happens over it is no reading; what a target does with it, is the target's business.
    this.#parts.pipeline.authorize(request, info, passedOn ? connectVerb(incoming.method ?? 'GET') : 'create');
    if (!info.isResourceRequest) throw pathNotFound();
    const context = this.#parts.pipeline.context(request, info);
    // What is wrong with the request itself matters more than how it was asked: kubectl tries another way and shows the last answer.
    if (session) return session(context);
    const { kind, key, parts } = context;
    const admitted = await admitConnection(context);
    const asked = { method: incoming.method ?? 'GET', headers };
    return passageOf(asked, admitted.info, search, await proxyTarget(parts.reader, kind.plural, key));
  }

  /** What is read anyway: logs and watches go over the WebSocket, and nothing else has a use for it. @throws ApiError */
  async #answered(
    request: ApiRequest,
    info: RequestInfo,
    { method, headers }: IncomingMessage,
  ): Promise<Session | PlainAnswer> {
    if (method !== 'GET' || !info.isResourceRequest) throw pathNotFound();
    const { as, metaVersion } = acceptedForm(headers.accept ?? '', false);
    const outcome = await this.#parts.pipeline.run({
      ...request,
      ...(as && { as }),
      ...(metaVersion && { metaVersion }),
    });
    if (outcome.type === 'object') return outcome;
    if (outcome.type === 'bytes') {
      const log: Serve<WebSocket> = (client, abort) => serveLog(client, outcome.chunks, abort);
      return { webSocket: byProtocol(logProtocols, log), spdy: {} };
    }
    // Whatever the client calls its protocol, the messages are the same.
    const names = ['', ...namesIn(headers['sec-websocket-protocol'])];
    const watch: Serve<WebSocket> = (client, abort) => serveWatch(client, outcome.events, this.#json, abort);
    return { webSocket: byProtocol(names, watch), spdy: {} };
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
  answer(socket, error.code, statusOf(error));
}

function answer(socket: Duplex, code: number, object: object): void {
  const body = JSON.stringify(object);
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

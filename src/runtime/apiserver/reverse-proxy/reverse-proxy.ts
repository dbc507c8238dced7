/** Passes requests on to pods, Services and nodes, and their answers back. */
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ResourceInfo } from '../request-info.ts';
import { ApiError } from '../status-error.ts';
import type { ProxyTarget } from './proxy-target.ts';
import { proxiedLink, type Proxied } from './proxied-links.ts';

/** RFC 9110, section 7.6.1: of one connection only. `host` is made anew. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** One request on its way. */
export interface Passage {
  readonly target: ProxyTarget;
  readonly method: string;
  /** Path and query at the target. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** Left out where what comes back needs no change: its links are those of this server. */
  readonly proxied: Proxied | undefined;
}

/** The path up to `proxy`, and what is behind as the client wrote it: nothing, or something that begins with a slash. */
function cut({ path, namespace }: ResourceInfo): readonly [prefix: string, behind: string] {
  // api, v1, namespaces, NAMESPACE, pods, NAME, proxy
  const depth = namespace === '' ? 5 : 7;
  const prefix = new RegExp(`^(?:/+[^/]+){${depth}}`).exec(path)?.[0] ?? path;
  return [prefix, path.slice(prefix.length)];
}

/** Where a reader is sent who left out the slash behind `proxy`: links of the page would lead elsewhere without it. */
export function slashed(info: ResourceInfo, method: string, search: string): string | undefined {
  const [prefix, behind] = cut(info);
  if (behind !== '' || (method !== 'GET' && method !== 'HEAD')) return undefined;
  return `${prefix}/${search === '' ? '' : `?${search}`}`;
}

export function passageOf(
  request: { readonly method: string; readonly headers: IncomingHttpHeaders },
  info: ResourceInfo,
  search: string,
  target: ProxyTarget,
): Passage {
  const [prefix, behind] = cut(info);
  const host = request.headers[':authority'] ?? request.headers.host;
  const address = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const headers = passedOn(request.headers);
  headers['host'] = address;
  headers['x-forwarded-uri'] = info.path;
  headers['x-forwarded-proto'] = 'https';
  if (typeof host === 'string') headers['x-forwarded-host'] = host;
  return {
    target,
    method: request.method,
    path: `${behind === '' ? '/' : behind}${search === '' ? '' : `?${search}`}`,
    headers,
    proxied: { prefix, hosts: [address, target.host, ...(typeof host === 'string' ? [host] : [])] },
  };
}

/** What RBAC is asked for: none of a resource's own verbs for OPTIONS (apiserver, RequestInfoFactory). */
export function connectVerb(method: string): string {
  const verbs: Readonly<Record<string, string>> = {
    GET: 'get',
    HEAD: 'get',
    POST: 'create',
    PUT: 'update',
    PATCH: 'patch',
    DELETE: 'delete',
  };
  return verbs[method] ?? '';
}

/** Neither what belongs to the connection, nor who the client is to this server. */
export function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const dropped = new Set([...hopByHop, ...namedBy(headers.connection)]);
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (dropped.has(name) || name.startsWith(':') || name === 'authorization') continue;
    if (name.startsWith('impersonate-') || name.startsWith('x-remote-')) continue;
    kept[name] = value;
  }
  return kept;
}

/** What a Connection header adds to the list. */
function namedBy(connection: string | undefined): readonly string[] {
  return (connection ?? '').split(',').map((name) => name.trim().toLowerCase());
}

function begin({ target, method, path, headers }: Passage, signal: AbortSignal): ClientRequest {
  const options = { host: target.host, port: target.port, method, path, headers, signal };
  // As upstream: who talks to a pod by its address cannot expect a certificate for it.
  if (target.scheme === 'http') return httpRequest(options);
  return httpsRequest({ ...options, agent: false, ...(target.tls ?? { rejectUnauthorized: false }) });
}

function unreachable(error: Error): ApiError {
  return new ApiError('ServiceUnavailable', `error trying to reach service: ${error.message}`);
}

/** Resolves once the answer has been passed on. @throws ApiError while nothing was answered yet */
export async function pass(
  passage: Passage,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  signal: AbortSignal,
): Promise<number> {
  const framing = hasUncountedBody(request) ? { 'transfer-encoding': 'chunked' } : {};
  const outgoing = begin({ ...passage, headers: { ...passage.headers, ...framing } }, signal);
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', (error) => reject(unreachable(error)));
  });
  // Not a pipeline: a target may answer without having read everything, and that must not end the client's connection.
  request.pipe(outgoing);
  const incoming = await answer;
  outgoing.on('error', () => incoming.destroy());
  await respond(incoming, response, passage);
  request.unpipe(outgoing).resume();
  return incoming.statusCode ?? 502;
}

/** The answer to a request without a body, whole. @throws ApiError when there is none */
export async function answerOf(
  passage: Passage,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const outgoing = begin(passage, signal);
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', (error) => reject(unreachable(error)));
    outgoing.end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return { status: incoming.statusCode ?? 502, text: Buffer.concat(chunks).toString() };
}

/** Node frames the body of some methods only when told how. */
function hasUncountedBody(request: Http2ServerRequest): boolean {
  if (request.headers['content-length'] !== undefined) return false;
  if (request.httpVersionMajor < 2) return request.headers['transfer-encoding'] !== undefined;
  return !request.stream.endAfterHeaders;
}

async function respond(incoming: IncomingMessage, response: Http2ServerResponse, passage: Passage): Promise<void> {
  const { headers, statusCode = 502 } = incoming;
  const { proxied } = passage;
  const dropped = new Set([...hopByHop, ...namedBy(headers.connection)]);
  const location = headers.location;
  // A page with a Location is not shown to anybody.
  const page = proxied && location === undefined && isPage(headers) && passage.method !== 'HEAD' ? proxied : undefined;
  for (const [name, value] of Object.entries(headers)) {
    // Whom a target trusts says nothing about this server.
    if (value === undefined || dropped.has(name) || name.startsWith('access-control-')) continue;
    if (page !== undefined && (name === 'content-length' || name === 'content-encoding')) continue;
    response.setHeader(name, value);
  }
  if (location !== undefined)
    response.setHeader('location', proxied === undefined ? location : proxiedLink(location, proxied));
  response.writeHead(statusCode);
  if ('flushHeaders' in response && typeof response.flushHeaders === 'function') response.flushHeaders();
  if (page === undefined) return flow(incoming, response);
  const { proxiedPage } = await import('./proxied-page.ts');
  const text: Readable = headers['content-encoding'] === 'gzip' ? incoming.pipe(createGunzip()) : incoming;
  const rewritten = proxiedPage(page);
  text.once('error', (error) => rewritten.destroy(error));
  return flow(text.setEncoding('utf8').pipe(rewritten), response);
}

/** Ends the client's connection when the target breaks off, so that half an answer does not pass for a whole one. */
function flow(source: Readable, response: Http2ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    source.once('error', reject);
    response.once('finish', resolve);
    response.once('close', () => {
      source.destroy();
      resolve();
    });
    source.pipe(response);
  });
}

/** HTML in an encoding that can be read. */
function isPage(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'] ?? '';
  const charset = /charset=["']?([^;"']+)/i.exec(type)?.[1] ?? 'utf-8';
  return (
    /^\s*text\/html\b/i.test(type) &&
    /^(utf-?8|us-ascii)$/i.test(charset.trim()) &&
    ['', 'identity', 'gzip'].includes(headers['content-encoding'] ?? '')
  );
}

/** Resolves when either side is closed, which closes the other. */
function joined(client: Duplex, target: Duplex): Promise<void> {
  return new Promise((resolve) => {
    for (const [side, other] of [
      [client, target],
      [target, client],
    ] as const) {
      side.on('error', () => undefined);
      side.once('close', () => {
        other.destroy();
        resolve();
      });
      side.pipe(other);
    }
  });
}

/** Passes a request on that leaves HTTP behind, and joins both sides. @throws ApiError while nothing was answered yet */
export async function passUpgrade(
  passage: Passage,
  upgrade: IncomingHttpHeaders,
  client: Duplex,
  head: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const headers = { ...passage.headers, connection: 'Upgrade', upgrade: upgrade.upgrade };
  const outgoing = begin({ ...passage, headers }, signal);
  const { incoming, socket, first } = await new Promise<{
    readonly incoming: IncomingMessage;
    readonly socket?: Duplex;
    readonly first?: Buffer;
  }>((resolve, reject) => {
    outgoing.once('upgrade', (message, target, rest) => resolve({ incoming: message, socket: target, first: rest }));
    outgoing.once('response', (message) => resolve({ incoming: message }));
    outgoing.once('error', (error) => reject(unreachable(error)));
    outgoing.end();
  });
  const fields: string[] = [];
  for (let at = 0; at < incoming.rawHeaders.length; at += 2)
    fields.push(`${incoming.rawHeaders[at] ?? ''}: ${incoming.rawHeaders[at + 1] ?? ''}\r\n`);
  client.write(`HTTP/1.1 ${incoming.statusCode ?? 502} ${incoming.statusMessage ?? ''}\r\n${fields.join('')}\r\n`);
  if (socket === undefined) {
    // Refused: the answer ends with its connection, whatever it says of its length.
    await pipeline(incoming, client);
    return;
  }
  if (first !== undefined && first.length > 0) client.write(first);
  if (head.length > 0) socket.write(head);
  await joined(client, socket);
}

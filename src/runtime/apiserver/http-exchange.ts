/** One HTTP request and its answer: authentication, decoding, the pipeline, encoding. */
import { randomUUID } from 'node:crypto';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { kindBases } from '../../types/registry.ts';
import { builtInProtobuf, protobufMediaType } from '../../types/protobuf/codec.ts';
import type { APIService } from '../../types/kinds/apiregistration/api-service.ts';
import { admitConnection } from './admission/connection.ts';
import { authenticate, certificateUser } from './authentication.ts';
import { endpoint } from './endpoints.ts';
import type { EndpointParts } from './endpoints.ts';
import { JsonEncoding, isList } from './json-encoding.ts';
import { impersonated } from './impersonation.ts';
import { acceptedForm } from './negotiation.ts';
import type { AcceptedForm } from './negotiation.ts';
import type { Outcome } from './pipeline.ts';
import type { ApiRequest, UserInfo, WatchEvent } from './request.ts';
import { requestInfo } from './request-info.ts';
import type { RequestInfo, ResourceInfo } from './request-info.ts';
import { parseBody, readBody } from './request-body.ts';
import { nodeAnswer } from './usage/node-documents.ts';
import { proxyTarget } from './reverse-proxy/proxy-target.ts';
import { connectVerb, pass, passageOf, slashed } from './reverse-proxy/reverse-proxy.ts';
import type { ListenerParts } from './server.ts';
import type { ApiError } from './status-error.ts';
import { apiErrorOf, methodNotAllowed, pathNotFound, statusOf } from './status-error.ts';

const compress = promisify(gzip);
/** Upstream's threshold: below it, compressing costs more than it saves. */
const GZIP_BYTES = 128 * 1024;
/** A reader that takes nothing for so long is gone, whatever TCP says. */
const STALL = 60_000;

type Headers = Record<string, string | readonly string[]>;
type Parts = ListenerParts & EndpointParts;

interface Exchange {
  readonly request: Http2ServerRequest;
  readonly response: Http2ServerResponse;
  readonly accept: string;
}

export class HttpExchange {
  readonly #parts: Parts;
  readonly #json: JsonEncoding;
  readonly #users = new WeakMap<object, UserInfo>();

  constructor(parts: Parts) {
    this.#parts = parts;
    const builtIn = kindBases();
    this.#json = new JsonEncoding(({ apiVersion, kind }) => builtIn.has(`${apiVersion}.${kind}`));
  }

  /** Never rejects: a failure is answered, or ends the connection where an answer has begun. */
  handle(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const header = request.headers.accept;
    const exchange: Exchange = { request, response, accept: header ?? '' };
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    this.#answer(exchange).catch((error: unknown) => {
      if (!response.headersSent && !response.destroyed) this.#send(exchange, apiErrorOf(error));
      else if (response.stream?.destroyed === false) response.stream.destroy();
      else request.socket.destroy();
    });
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const [path = '/', search = ''] = splitOnce(request.url, '?');
    const abort = new AbortController();
    exchange.response.once('close', () => abort.abort());
    try {
      // Only what is passed on may have it.
      const method = request.method === 'OPTIONS' ? 'GET' : methodOf(request.method);
      const query = new URLSearchParams(search);
      const { tokens, roles } = this.#parts.parts;
      const caller = await authenticate(request.headers.authorization, this.#certificateUser(request), tokens);
      const user = impersonated(caller, request.headers, roles);
      const bare: ApiRequest = {
        method,
        path,
        query,
        user,
        userAgent: request.headers['user-agent'] ?? '',
        contentType: request.headers['content-type'] ?? '',
        body: undefined,
        signal: abort.signal,
      };
      const info = requestInfo(bare, this.#parts.parts.registry);
      for (const [name, value] of Object.entries(this.#parts.flowControl.headers(info, user)))
        exchange.response.setHeader(name, value);
      const remote = this.#parts.aggregation.find(path);
      if (remote) return await this.#elsewhere(exchange, bare, info, remote);
      if (info.isResourceRequest && info.subresource === 'proxy') return await this.#pass(exchange, bare, info, search);
      if (request.method === 'OPTIONS') throw methodNotAllowed();
      if (!info.isResourceRequest) return await this.#endpoint(exchange, bare);
      await this.#resource(exchange, bare, info);
    } catch (error) {
      const outcome = this.#parts.pipeline.refusal(error, {
        method: 'GET',
        path,
        query: new URLSearchParams(),
        user: { username: '', groups: [] },
        userAgent: '',
        contentType: '',
        body: undefined,
        signal: abort.signal,
      });
      if (exchange.response.headersSent) throw error;
      await this.#write(exchange, outcome, { mediaType: 'json', pretty: false });
    }
  }

  async #resource(exchange: Exchange, bare: ApiRequest, info: RequestInfo): Promise<void> {
    const resource = info.isResourceRequest ? info.resource : '';
    const finish = this.#parts.metrics.begin(info.verb, resource);
    let code = 500;
    try {
      // Questions are answered and forgotten: there is nothing to tabulate.
      const hasTables = !info.isResourceRequest || info.kind?.virtual !== true;
      const form = acceptedForm(exchange.accept, bare.query.get('pretty') === 'true', hasTables);
      const shaped = {
        ...bare,
        ...(form.as && { as: form.as }),
        ...(form.metaVersion && { metaVersion: form.metaVersion }),
      };
      const withBody =
        bare.method === 'GET' ? undefined : (): Promise<ApiRequest> => this.#withBody(exchange, shaped, info);
      const outcome = await this.#parts.pipeline.run(shaped, withBody);
      code = outcome.type === 'object' ? outcome.status : 200;
      await this.#write(exchange, outcome, form);
    } catch (error) {
      code = apiErrorOf(error).code;
      throw error;
    } finally {
      finish(code);
    }
  }

  /** To a pod, a Service or a node. */
  async #pass(exchange: Exchange, bare: ApiRequest, info: ResourceInfo, search: string): Promise<void> {
    const { request, response } = exchange;
    const verb = connectVerb(request.method);
    const finish = this.#parts.metrics.begin(verb, info.resource);
    let code = 500;
    try {
      this.#parts.pipeline.authorize(bare, info, verb);
      const asked = this.#parts.pipeline.context(bare, info);
      const { kind, key, parts } = asked;
      if (!kind.subresources.includes('proxy')) throw pathNotFound();
      const admitted = await admitConnection(asked);
      const own = kind.plural === 'nodes' && verb === 'get' ? await nodeAnswer(admitted) : undefined;
      if (own) {
        code = 200;
        return await this.#write(exchange, { ...own, warnings: asked.warnings }, { mediaType: 'json', pretty: false });
      }
      const target = await proxyTarget(parts.reader, kind.plural, key);
      const location = slashed(info, request.method, search);
      if (location !== undefined) {
        code = 301;
        return end(exchange, code, { location }, Buffer.alloc(0));
      }
      code = await pass(passageOf(request, admitted.info, search, target), request, response, bare.signal);
    } catch (error) {
      code = apiErrorOf(error).code;
      throw error;
    } finally {
      finish(code);
    }
  }

  /** To the server that answers for the group. */
  async #elsewhere(exchange: Exchange, bare: ApiRequest, info: RequestInfo, remote: APIService): Promise<void> {
    const { request, response } = exchange;
    const finish = this.#parts.metrics.begin(info.verb, info.isResourceRequest ? info.resource : '');
    let code = 500;
    try {
      this.#parts.pipeline.authorize(bare, info);
      const asked = { method: request.method, headers: request.headers, path: request.url };
      code = await pass(
        await this.#parts.aggregation.passage(remote, asked, bare.user),
        request,
        response,
        bare.signal,
      );
    } catch (error) {
      code = apiErrorOf(error).code;
      throw error;
    } finally {
      finish(code);
    }
  }

  async #withBody(exchange: Exchange, bare: ApiRequest, info: RequestInfo): Promise<ApiRequest> {
    const bytes = await readBody(exchange.request);
    const kind = info.isResourceRequest ? info.kind : undefined;
    const deletion = bare.method === 'DELETE';
    const { body, duplicates } = parseBody(bytes, {
      method: bare.method,
      contentType: bare.contentType,
      kind: deletion ? 'DeleteOptions' : (kind?.kind ?? ''),
      apiVersion: deletion ? 'meta.k8s.io/v1' : (kind?.apiVersion ?? ''),
      strict: bare.query.get('fieldValidation') !== 'Ignore',
    });
    return { ...bare, body, ...(duplicates && { duplicateFields: duplicates }) };
  }

  async #endpoint(exchange: Exchange, request: ApiRequest): Promise<void> {
    this.#parts.pipeline.authorize(request, {
      isResourceRequest: false,
      verb: request.method.toLowerCase(),
      path: request.path,
    });
    if (request.method !== 'GET') throw methodNotAllowed();
    const document = await endpoint(
      { path: request.path, query: request.query, accept: exchange.accept, acceptsGzip: acceptsGzip(exchange) },
      this.#parts,
    );
    const headers: Headers = {
      'content-type': document.contentType,
      'cache-control': 'no-cache, private',
      vary: 'Accept',
    };
    if (document.etag !== undefined) {
      headers['etag'] = document.etag;
      if (exchange.request.headers['if-none-match'] === document.etag)
        return end(exchange, 304, headers, Buffer.alloc(0));
    }
    if (document.gzip !== true) return this.#finish(exchange, document.status, headers, document.body);
    headers['content-encoding'] = 'gzip';
    return end(exchange, document.status, headers, document.body);
  }

  async #write(exchange: Exchange, outcome: Outcome, form: AcceptedForm): Promise<void> {
    const headers: Headers = { 'cache-control': 'no-cache, private', 'audit-id': randomUUID() };
    if (outcome.warnings.length > 0) headers['warning'] = outcome.warnings.map(warningText);
    if (outcome.type === 'watch') return this.#stream(exchange, outcome.events, form, headers);
    if (outcome.type === 'bytes') {
      begin(exchange, 200, { ...headers, 'content-type': outcome.contentType });
      for await (const chunk of outcome.chunks) if (!(await this.#push(exchange, chunk))) return;
      exchange.response.end();
      return;
    }
    const { object, status } = outcome;
    const retry = 'details' in object ? retryAfter(object.details) : undefined;
    if (retry !== undefined) headers['retry-after'] = retry;
    if (status === 413) headers['connection'] = 'close';
    if (form.mediaType === 'protobuf' && builtInProtobuf().knows(object.apiVersion, object.kind)) {
      headers['content-type'] = protobufMediaType;
      return this.#finish(exchange, status, headers, builtInProtobuf().encode(object));
    }
    headers['content-type'] = form.mediaType === 'yaml' ? 'application/yaml' : 'application/json';
    const bytes = form.pretty
      ? Buffer.from(`${JSON.stringify(plain(object, this.#json), null, 2)}\n`)
      : this.#json.document(object);
    return this.#finish(exchange, status, headers, bytes);
  }

  async #finish(exchange: Exchange, status: number, headers: Headers, bytes: Buffer): Promise<void> {
    if (bytes.length < GZIP_BYTES || !acceptsGzip(exchange)) return end(exchange, status, headers, bytes);
    const small = await compress(bytes, { level: constants.Z_BEST_SPEED });
    return end(exchange, status, { ...headers, 'content-encoding': 'gzip' }, small);
  }

  async #stream(
    exchange: Exchange,
    events: AsyncIterable<WatchEvent>,
    form: AcceptedForm,
    headers: Headers,
  ): Promise<void> {
    const codec = form.mediaType === 'protobuf' && form.as === undefined ? builtInProtobuf() : undefined;
    const contentType = codec ? `${protobufMediaType};stream=watch` : 'application/json';
    begin(exchange, 200, { ...headers, 'content-type': contentType });
    for await (const event of events) {
      const bytes = codec?.knows(event.object.apiVersion, event.object.kind)
        ? codec.encodeWatchEvent(event.type, event.object)
        : this.#json.event(event);
      if (!(await this.#push(exchange, bytes))) return;
    }
    exchange.response.end();
  }

  /** False when the client is gone, or takes so little for so long that it has to be. */
  async #push({ response, request }: Exchange, bytes: Uint8Array): Promise<boolean> {
    if (response.destroyed || response.writableEnded) return false;
    if (response.write(bytes)) return true;
    return new Promise((resolve) => {
      const settle = (result: boolean): void => {
        response.off('drain', onDrain);
        response.off('close', onClose);
        stalled[Symbol.dispose]();
        resolve(result);
      };
      const onDrain = (): void => settle(true);
      const onClose = (): void => settle(false);
      const stalled = this.#parts.parts.clock.schedule(STALL, () => {
        if (response.stream === undefined) request.socket.destroy();
        else response.stream.destroy();
        settle(false);
      });
      response.once('drain', onDrain);
      response.once('close', onClose);
    });
  }

  #send(exchange: Exchange, error: ApiError): void {
    end(exchange, error.code, { 'content-type': 'application/json' }, this.#json.document(statusOf(error)));
  }

  #certificateUser(request: Http2ServerRequest): UserInfo | undefined {
    // Over HTTP/1.1 the compatibility layer hands out a plain request, which has no stream.
    const session = request.stream?.session;
    const holder: object = session ?? request.socket;
    const known = this.#users.get(holder);
    if (known) return known;
    const socket = session?.socket ?? request.socket;
    const user = peerUser(socket);
    if (user) this.#users.set(holder, user);
    return user;
  }
}

function acceptsGzip({ request }: Exchange): boolean {
  const encodings = request.headers['accept-encoding'];
  return typeof encodings === 'string' && /\bgzip\b/.test(encodings);
}

function peerUser(socket: object): UserInfo | undefined {
  return isVerifiedPeer(socket) ? certificateUser(socket.getPeerCertificate()) : undefined;
}

// The socket of an HTTP/2 session is a proxy that answers reads, but not the `in` operator.
function isVerifiedPeer(socket: object): socket is Pick<TLSSocket, 'getPeerCertificate'> {
  return Reflect.get(socket, 'authorized') === true && typeof Reflect.get(socket, 'getPeerCertificate') === 'function';
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** @throws ApiError MethodNotAllowed */
function methodOf(method: string): ApiRequest['method'] {
  if (method === 'HEAD') return 'GET';
  if (method === 'GET' || method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE')
    return method;
  throw methodNotAllowed();
}

function begin({ response }: Exchange, status: number, headers: Headers): void {
  response.writeHead(status, writable(headers));
  // Clients of a watch wait for the head before anything happens. The HTTP/2 response sends it with writeHead.
  if ('flushHeaders' in response && typeof response.flushHeaders === 'function') response.flushHeaders();
}

function end({ response, request }: Exchange, status: number, headers: Headers, bytes: Buffer): void {
  if (response.destroyed) return;
  if (request.httpVersionMajor >= 2) delete headers['connection'];
  response.writeHead(status, { ...writable(headers), 'content-length': bytes.length });
  if (request.method === 'HEAD') response.end();
  else response.end(bytes);
}

function writable(headers: Headers): Record<string, string | string[]> {
  const copy: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) copy[name] = typeof value === 'string' ? value : [...value];
  return copy;
}

/** RFC 9110: 299 is a lasting warning; the text is a quoted string. */
function warningText(text: string): string {
  const safe = text.replace(/[^\x20-\x7e]/g, ' ').replace(/[\\"]/g, '\\$&');
  return `299 - "${safe}"`;
}

function retryAfter(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('retryAfterSeconds' in details)) return undefined;
  return String(details.retryAfterSeconds);
}

function plain(object: Parameters<JsonEncoding['document']>[0], json: JsonEncoding): unknown {
  if (!isList(object)) return object;
  const value: unknown = JSON.parse(json.document(object).toString('utf8'));
  return value;
}

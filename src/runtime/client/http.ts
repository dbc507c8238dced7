/** A client over HTTPS: kept-alive connections, client certificate or token, watches as lines of JSON. */
import { request as requestPlain, Agent as PlainAgent } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { WebSocket } from 'ws';
import { Agent, request as requestTls } from 'node:https';
import type { AgentOptions } from 'node:https';
import { isRecord } from '../../shared/deep.ts';
import { linesOf } from '../../shared/lines.ts';
import type { WatchEvent } from '../apiserver/request.ts';
import { failureOf, isKubeObject } from './answers.ts';
import { ApiFailure } from './api-client.ts';
import type { ApiClient } from './api-client.ts';
import { runCredentialPlugin } from './credential-plugin.ts';
import type { KubeconfigContext } from './kubeconfig-reader.ts';
import { clientOver } from './resource-client.ts';
import type { TransportAnswer, TransportRequest } from './transport.ts';

export type { WebSocket } from 'ws';

export interface HttpEndpoint {
  /** `https://127.0.0.1:6443`, with a path where the API is served below one. */
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority?: string | undefined;
  /** PEM. */
  readonly clientCertificate?: string | undefined;
  /** PEM. */
  readonly clientKey?: string | undefined;
  readonly token?: string | undefined;
  readonly basic?: { readonly username: string; readonly password: string } | undefined;
  readonly impersonate?: string | undefined;
  readonly impersonateGroups?: readonly string[];
  readonly insecureSkipTlsVerify?: boolean;
  readonly tlsServerName?: string | undefined;
}

export interface HttpRequest {
  readonly method: string;
  /** Path below the server, query included. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What a context of a kubeconfig says, with its credential plugin run. */
export async function endpointOf(
  context: KubeconfigContext,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<HttpEndpoint> {
  const { cluster, user } = context;
  const plugin = user.plugin && (await runCredentialPlugin(user.plugin, environment, signal));
  return {
    server: cluster.server,
    certificateAuthority: cluster.certificateAuthority,
    insecureSkipTlsVerify: cluster.insecureSkipTlsVerify,
    tlsServerName: cluster.tlsServerName,
    clientCertificate: plugin?.clientCertificate ?? user.clientCertificate,
    clientKey: plugin?.clientKey ?? user.clientKey,
    token: plugin?.token ?? user.token,
    basic: user.basic,
    impersonate: user.impersonate,
    impersonateGroups: user.impersonateGroups,
  };
}

/** Connections to one API server. Disposing ends those that are idle. */
export class HttpConnection implements Disposable {
  readonly client: ApiClient;
  readonly server: URL;
  readonly #agent: Agent | PlainAgent;
  readonly #headers: Readonly<Record<string, string | readonly string[]>>;

  constructor(endpoint: HttpEndpoint, userAgent: string) {
    this.server = serverUrl(endpoint.server);
    this.#agent =
      this.server.protocol === 'https:' ? new Agent(tlsOptions(endpoint)) : new PlainAgent({ keepAlive: true });
    this.#headers = { 'user-agent': userAgent, ...credentials(endpoint) };
    this.client = clientOver((request) => this.#send(request));
  }

  /** The response as it comes, for logs and other streams. Rejects only when no response came. */
  open(request: HttpRequest, signal?: AbortSignal): Promise<IncomingMessage> {
    const base = this.server.pathname.replace(/\/$/, '');
    const options: RequestOptions = {
      protocol: this.server.protocol,
      hostname: this.server.hostname.replace(/^\[|\]$/g, ''),
      port: this.server.port,
      method: request.method,
      path: base + request.path,
      agent: this.#agent,
      headers: {
        ...this.#headers,
        ...(request.body === undefined ? {} : { 'content-length': Buffer.byteLength(request.body) }),
        ...request.headers,
      },
      ...(signal === undefined ? {} : { signal }),
    };
    return new Promise((resolve, reject) => {
      const send = this.server.protocol === 'https:' ? requestTls : requestPlain;
      const outgoing = send(options, resolve);
      outgoing.once('error', (error) => {
        reject(signal?.aborted === true ? signal.reason : unreachable(this.server, error));
      });
      outgoing.end(request.body);
    });
  }

  /**
   * A WebSocket to a path below the server, open.
   * @throws ApiFailure with the server's reason when it refuses, or has none of the protocols
   */
  async webSocket(path: string, protocols: readonly string[], signal: AbortSignal): Promise<WebSocket> {
    // Only commands and forwarded ports need it, which most programs never do.
    const { WebSocket } = await import('ws');
    const url = new URL(this.server.pathname.replace(/\/$/, '') + path, this.server);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, [...protocols], {
      agent: this.#agent,
      headers: Object.fromEntries(
        Object.entries(this.#headers).map(([name, value]) => [name, [value].flat().join(',')]),
      ),
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    const abort = (): void => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    return new Promise((resolve, reject) => {
      socket.once('open', () => {
        socket.off('error', reject);
        resolve(socket);
      });
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        textOf(response).then((body) => {
          reject(failureOf(response.statusCode ?? 0, parsed(response.statusCode ?? 400, body)));
          socket.terminate();
        }, reject);
      });
    });
  }

  /** The whole answer as text, whatever its status. */
  async fetch(request: HttpRequest, signal?: AbortSignal): Promise<{ readonly status: number; readonly body: string }> {
    const response = await this.open(request, signal);
    return { status: response.statusCode ?? 0, body: await textOf(response) };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #send(request: TransportRequest): Promise<TransportAnswer> {
    const query = request.query.size === 0 ? '' : `?${request.query.toString()}`;
    const response = await this.open(
      {
        method: request.method,
        path: request.path + query,
        headers: {
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': request.contentType }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      },
      request.signal,
    );
    const status = response.statusCode ?? 0;
    if (request.query.get('watch') === 'true' && status === 200) {
      return { status, events: watchEvents(response, request.signal) };
    }
    const body = await textOf(response);
    return { status, object: parsed(status, body) };
  }
}

function serverUrl(text: string): URL {
  if (!URL.canParse(text)) throw new Error(`"${text}" is no address of an API server; expected https://host:port`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new Error(`"${text}" is no address of an API server; expected https://host:port`);
  }
  return url;
}

function tlsOptions(endpoint: HttpEndpoint): AgentOptions {
  return {
    keepAlive: true,
    rejectUnauthorized: endpoint.insecureSkipTlsVerify !== true,
    ...(endpoint.certificateAuthority === undefined ? {} : { ca: endpoint.certificateAuthority }),
    ...(endpoint.clientCertificate === undefined ? {} : { cert: endpoint.clientCertificate }),
    ...(endpoint.clientKey === undefined ? {} : { key: endpoint.clientKey }),
    ...(endpoint.tlsServerName === undefined ? {} : { servername: endpoint.tlsServerName }),
  };
}

function credentials(endpoint: HttpEndpoint): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  if (endpoint.token !== undefined) headers['authorization'] = `Bearer ${endpoint.token}`;
  else if (endpoint.basic) {
    const { username, password } = endpoint.basic;
    headers['authorization'] = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  if (endpoint.impersonate !== undefined) headers['impersonate-user'] = endpoint.impersonate;
  if ((endpoint.impersonateGroups ?? []).length > 0) headers['impersonate-group'] = endpoint.impersonateGroups ?? [];
  return headers;
}

function unreachable(server: URL, error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  const remedy =
    code === 'ECONNREFUSED'
      ? 'nothing listens there; is the cluster started?'
      : code === 'DEPTH_ZERO_SELF_SIGNED_CERT' ||
          code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' ||
          code === 'SELF_SIGNED_CERT_IN_CHAIN'
        ? 'its certificate is not signed by the certificate authority of the kubeconfig'
        : error.message;
  return new Error(`cannot reach the API server at ${server.origin}: ${remedy}`, { cause: error });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(status: number, body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return value;
  } catch (error) {
    if (status >= 400) return body;
    throw new ApiFailure(status, '', `the API server's answer is no JSON: ${String(error)}`, undefined);
  }
}

async function* watchEvents(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<WatchEvent> {
  try {
    for await (const line of linesOf(response)) if (line.trim() !== '') yield eventOf(line);
  } catch (error) {
    // An abort ends the watch; it is no failure of it.
    if (signal?.aborted !== true) throw error;
  }
}

const eventTypes = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const;

function eventOf(line: string): WatchEvent {
  const value: unknown = JSON.parse(line);
  const type = isRecord(value) ? eventTypes.find((name) => name === value['type']) : undefined;
  const object = isRecord(value) ? value['object'] : undefined;
  if (type === undefined || !isKubeObject(object))
    throw failureOf(500, `the API server sent no watch event: ${line.slice(0, 200)}`);
  return { type, object };
}

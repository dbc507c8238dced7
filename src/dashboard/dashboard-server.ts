/**
 * Serves the dashboard on the loopback interface. The page itself is no secret; whatever it asks for needs the token,
 * which is handed over in the fragment of the address, so that it stands in no log and is sent to nobody by itself.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ApiFailure } from '../runtime/client/api-client.ts';
import type { HttpConnection } from '../runtime/client/http.ts';
import type { Clock } from '../shared/clock.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { KubeObject } from '../types/meta.ts';
import { act, actionRequest } from './actions.ts';
import { ClusterFeed } from './cluster-feed.ts';
import type { Judgement } from './cluster-feed.ts';
import type { Change } from './messages.ts';
import { objectDetail } from './object-detail.ts';
import { kindId, kindSummary, watchedKinds } from './watched-kinds.ts';

export interface DashboardOptions {
  readonly http: HttpConnection;
  readonly context: string;
  readonly clock: Clock;
  /** 0: any free one. */
  readonly port: number;
  readonly page: { readonly html: string; readonly script: string; readonly style: string };
  judge(object: KubeObject): Judgement;
}

export interface Dashboard extends AsyncDisposable {
  /** With the token, for the person who started it. */
  readonly url: string;
}

const mostBytes = 64 * 1024;

/** No other page may frame, feed or read this one; editors show it in a frame of their own. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self' vscode-webview:";

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** @throws Error when the port is taken */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const token = randomBytes(24).toString('base64url');
  const answers = async (): Promise<boolean> => {
    try {
      return (await options.http.fetch({ method: 'GET', path: '/readyz' })).status === 200;
    } catch {
      // Whatever the reason, the answer is no.
      return false;
    }
  };
  const feed = new ClusterFeed(options.http.client, options.clock, (object) => options.judge(object), answers);
  const server = createServer();
  server.listen(options.port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    await feed[Symbol.asyncDispose]();
    throw new Error(
      `cannot listen on 127.0.0.1:${options.port}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const port = portOf(server);
  const exchange = new Exchange(options, feed, token, [`127.0.0.1:${port}`, `localhost:${port}`]);
  server.on('request', (request, response) => void exchange.handle(request, response));
  return {
    url: `http://127.0.0.1:${port}/#${token}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await feed[Symbol.asyncDispose]();
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

class Exchange {
  readonly #options: DashboardOptions;
  readonly #feed: ClusterFeed;
  readonly #token: Buffer;
  readonly #hosts: readonly string[];

  constructor(options: DashboardOptions, feed: ClusterFeed, token: string, hosts: readonly string[]) {
    this.#options = options;
    this.#feed = feed;
    this.#token = Buffer.from(`Bearer ${token}`);
    this.#hosts = hosts;
  }

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      response.setHeader('content-security-policy', policy);
      response.setHeader('x-content-type-options', 'nosniff');
      response.setHeader('referrer-policy', 'no-referrer');
      response.setHeader('cache-control', 'no-store');
      // A name that resolves here must not let somebody's page act as if it were this one (DNS rebinding).
      if (!this.#hosts.includes(request.headers.host ?? ''))
        throw new Refusal(421, 'this is not the host that was asked for');
      const url = new URL(request.url ?? '/', `http://${this.#hosts[0] ?? ''}`);
      if (!this.#asset(url.pathname, request, response)) await this.#api(url, request, response);
    } catch (error) {
      refuse(response, error);
    }
  }

  #asset(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    const { page } = this.#options;
    const assets: Readonly<Record<string, readonly [string, string]>> = {
      '/': ['text/html; charset=utf-8', page.html],
      '/page.js': ['text/javascript; charset=utf-8', page.script],
      '/page.css': ['text/css; charset=utf-8', page.style],
    };
    const asset = Object.hasOwn(assets, path) ? assets[path] : undefined;
    if (!asset || request.method !== 'GET') return false;
    response.setHeader('content-type', asset[0]);
    response.end(asset[1]);
    return true;
  }

  async #api(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== this.#token.length || !timingSafeEqual(given, this.#token))
      throw new Refusal(401, 'open the address that "kubewright dashboard" printed: this one lacks its token');
    const abort = new AbortController();
    response.once('close', () => abort.abort());
    const route = `${request.method ?? ''} ${url.pathname}`;
    if (route === 'GET /api/changes') return this.#changes(response, abort.signal);
    if (route === 'GET /api/object') return this.#object(url.searchParams, response);
    if (route === 'GET /api/log') return this.#log(url.searchParams, response, abort.signal);
    if (route === 'POST /api/actions') return this.#act(request, response);
    throw new Refusal(404, 'there is nothing here');
  }

  async #changes(response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { context, http } = this.#options;
    response.setHeader('content-type', 'application/x-ndjson');
    const begin: Change = { type: 'begin', context, server: http.server.origin, kinds: watchedKinds.map(kindSummary) };
    response.write(`${JSON.stringify(begin)}\n`);
    for await (const change of this.#feed.changes(signal)) {
      if (!response.write(`${JSON.stringify(change)}\n`))
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  }

  async #object(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const key = { namespace: query.get('namespace') ?? '', name: query.get('name') ?? '' };
    const detail = await objectDetail(this.#options.http.client, kindOf(query.get('kind')), key, query.has('reveal'));
    if (!detail) throw new Refusal(404, `there is no ${key.name} any more`);
    json(response, detail);
  }

  async #log(query: URLSearchParams, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const parameters = new URLSearchParams({ follow: 'true', tailLines: '1000' });
    parameters.set('container', query.get('container') ?? '');
    const namespace = encodeURIComponent(query.get('namespace') ?? '');
    const path = `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(query.get('name') ?? '')}/log?${parameters.toString()}`;
    const log = await this.#options.http.open({ method: 'GET', path }, signal);
    response.statusCode = log.statusCode === 200 ? 200 : 502;
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.flushHeaders();
    log.on('error', () => response.end());
    log.pipe(response);
  }

  async #act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = actionRequest(await bodyOf(request));
    if (!wanted) throw new Refusal(400, 'this is no action');
    await act(this.#options.http.client, kindOf(wanted.kind), wanted, this.#options.clock.now());
    json(response, {});
  }
}

function kindOf(id: string | null): KindDefinition {
  const kind = watchedKinds.find((known) => kindId(known) === id);
  if (!kind) throw new Refusal(400, `${id ?? 'nothing'} is no kind that is shown here`);
  return kind;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > mostBytes) throw new Refusal(413, 'the request is too large');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return value;
  } catch {
    throw new Refusal(400, 'the request is no JSON');
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof Refusal ? error.status : error instanceof ApiFailure ? error.code : 502;
  response.statusCode = status >= 400 && status <= 599 ? status : 502;
  json(response, { message: error instanceof Error ? error.message : String(error) });
}

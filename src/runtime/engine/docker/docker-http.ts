/** Requests to the Docker API over its socket: version negotiation, errors in the engine's terms, streams, hijacking. */
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hasCode } from '../../../shared/error-code.ts';
import type { Clock, Milliseconds } from '../../../shared/clock.ts';
import { EngineError } from '../container-engine.ts';
import { text } from './decode.ts';

/** Docker 20.10. Older ones lack one-shot stats, cgroup v2 and the shape of several answers. */
const OLDEST_API = 1.41;
/** The newest one whose changes were looked at; newer engines still speak it. */
const NEWEST_API = 1.51;
const ANSWER_WITHIN: Milliseconds = 120_000;
const PING_WITHIN: Milliseconds = 20_000;
const LARGEST_ANSWER = 256 * 1024 * 1024;

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface DockerRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD';
  /** Begins with a slash, without the version. */
  readonly path: string;
  readonly query?: Query;
  readonly json?: unknown;
  readonly tar?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are an answer though they are not 2xx. */
  readonly accept?: readonly number[];
  readonly timeout?: Milliseconds;
  readonly signal?: AbortSignal;
}

export interface HijackedConnection {
  readonly socket: Socket;
  /** What came together with the answer's head. */
  readonly head: Uint8Array;
}

export class DockerHttp implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 16 });
  readonly #socketPath: string;
  readonly #clock: Clock;
  #version: Promise<string> | undefined;

  constructor(socketPath: string, clock: Clock) {
    this.#socketPath = socketPath;
    this.#clock = clock;
  }

  /** The API version spoken with this engine, as in "1.41". */
  version(signal?: AbortSignal): Promise<string> {
    const ping: DockerRequest = { method: 'GET', path: '/_ping', timeout: PING_WITHIN };
    // Shared by all callers, so no single caller's signal may end it.
    this.#version ??= this.#within(ping, (deadline) => this.#negotiate({ ...ping, signal: deadline })).catch(
      (error: unknown) => {
        this.#version = undefined;
        throw error;
      },
    );
    return signal ? abortable(this.#version, signal) : this.#version;
  }

  /** The whole answer, decoded; undefined when it is empty. */
  async json(options: DockerRequest): Promise<unknown> {
    return this.#within(options, async (signal) => {
      const response = await this.open({ ...options, signal });
      const body = await collect(readBody(response, signal));
      return body.length === 0 ? undefined : parse(body);
    });
  }

  /** Resolves with the head of the answer; errors of the engine are thrown as EngineError. Read it with `readBody`. */
  async open(options: DockerRequest): Promise<IncomingMessage> {
    options.signal?.throwIfAborted();
    const version = await this.version(options.signal);
    const response = await this.#send(`/v${version}${options.path}`, options);
    return this.#accept(response, options);
  }

  /** Sends the request and takes the connection over, as exec and attach do. Without a body it sends none. */
  async hijack(
    { path, query, json }: Pick<DockerRequest, 'path' | 'query' | 'json'>,
    signal: AbortSignal,
  ): Promise<HijackedConnection> {
    const version = await this.version(signal);
    const payload = json === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(json));
    const outgoing = this.#request(`/v${version}${path}`, {
      method: 'POST',
      path,
      ...(query === undefined ? {} : { query }),
      signal,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'tcp',
        'Content-Type': 'application/json',
        'Content-Length': String(payload.length),
      },
    });
    const answer = new Promise<HijackedConnection | IncomingMessage>((resolve, reject) => {
      outgoing.once('upgrade', (_response, socket, head) => resolve({ socket, head }));
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
    });
    outgoing.end(payload);
    const result = await answer.catch((error: unknown) => {
      throw this.#unreachable(error, signal);
    });
    if ('socket' in result && 'head' in result) return result;
    await this.#accept(result, { method: 'POST', path, signal });
    result.destroy();
    throw new EngineError('Failed', `the engine answered POST ${path} without handing the connection over`);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** Runs one exchange with a signal that aborts with the caller's or when the time is over. */
  async #within<T>(options: DockerRequest, exchange: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { method, path, signal, timeout = ANSWER_WITHIN } = options;
    signal?.throwIfAborted();
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const late = `Docker at ${this.#socketPath} did not answer ${method} ${path} within ${timeout / 1000} s`;
    const timer = this.#clock.schedule(timeout, () => controller.abort(new EngineError('Unreachable', late)));
    try {
      return await exchange(controller.signal);
    } finally {
      timer[Symbol.dispose]();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #negotiate(ping: DockerRequest): Promise<string> {
    const response = await this.#send(ping.path, ping);
    const offered = response.headers['api-version'];
    await collect(readBody(response, ping.signal));
    const newest = typeof offered === 'string' ? parseVersion(offered) : undefined;
    if (newest === undefined) {
      throw new EngineError('Failed', `what answers at ${this.#socketPath} names no Docker API version: is it Docker?`);
    }
    if (newest < parseVersion(String(OLDEST_API))) {
      throw new EngineError(
        'Failed',
        `Docker at ${this.#socketPath} speaks API ${offered}, but ${OLDEST_API} (Docker 20.10) is the oldest that works: update Docker`,
      );
    }
    return newest > parseVersion(String(NEWEST_API)) ? String(NEWEST_API) : String(offered);
  }

  async #send(path: string, options: DockerRequest): Promise<IncomingMessage> {
    const outgoing = this.#request(path, options);
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
    });
    try {
      // An engine that refuses a body answers while it is still being sent: whichever comes first decides.
      const [response] = await Promise.all([answer, sendBody(outgoing, options, answer)]);
      return response;
    } catch (error) {
      const stale = outgoing.reusedSocket && hasCode(error, 'ECONNRESET') && options.method !== 'POST';
      if (stale && !options.signal?.aborted) return this.#send(path, options);
      throw this.#unreachable(error, options.signal);
    }
  }

  #request(path: string, options: DockerRequest): ClientRequest {
    return request({
      socketPath: this.#socketPath,
      agent: this.#agent,
      method: options.method,
      path: path + queryString(options.query),
      headers: {
        Host: 'docker',
        ...(options.json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(options.tar ? { 'Content-Type': 'application/x-tar' } : {}),
        ...options.headers,
      },
      ...(options.signal ? { signal: options.signal } : {}),
    });
  }

  async #accept(response: IncomingMessage, options: DockerRequest): Promise<IncomingMessage> {
    const status = response.statusCode ?? 0;
    if ((status >= 200 && status < 300) || options.accept?.includes(status)) return response;
    const body = await collect(readBody(response, options.signal));
    throw new EngineError(
      reasonOf(status),
      messageOf(body) || `the engine answered ${status} to ${options.method} ${options.path}`,
    );
  }

  /** The connection failed: whatever comes next may be another engine, so the version is asked for again. */
  #unreachable(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    if (error instanceof EngineError) return error;
    this.#version = undefined;
    return new EngineError('Unreachable', unreachableMessage(this.#socketPath, error));
  }
}

/** The bytes of an answer, with back-pressure. @throws the signal's reason, or EngineError Unreachable when cut off */
export async function* readBody(
  response: IncomingMessage,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const detail = error instanceof Error ? error.message : String(error);
    throw new EngineError('Unreachable', `the connection to Docker broke off: ${detail}. Is it still running?`);
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function sendBody(outgoing: ClientRequest, options: DockerRequest, answer: Promise<unknown>): Promise<void> {
  if (options.tar) {
    const refused = answer.then(() => undefined);
    await Promise.race([pipeline(Readable.from(options.tar, { objectMode: false }), outgoing), refused]);
    return;
  }
  outgoing.end(options.json === undefined ? undefined : JSON.stringify(options.json));
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new EngineError('Failed', 'the engine answered with more than 256 MiB');
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function parse(body: Buffer): unknown {
  const words = body.toString('utf8');
  try {
    return JSON.parse(words);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new EngineError('Failed', `the engine answered "${words.slice(0, 200)}", which is not JSON: ${detail}`);
  }
}

/** The `message` of Docker's error document, or the body itself from what stands before Docker. */
function messageOf(body: Buffer): string {
  const words = body.toString('utf8').trim();
  if (!words.startsWith('{')) return words.slice(0, 2000);
  return text(parse(body), 'message');
}

function reasonOf(status: number): EngineError['reason'] {
  if (status === 400) return 'InvalidSpec';
  if (status === 401 || status === 403) return 'Unauthorized';
  if (status === 404) return 'NotFound';
  if (status === 409) return 'Conflict';
  return 'Failed';
}

function queryString(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(key, String(value));
  const words = parameters.toString();
  return words === '' ? '' : `?${words}`;
}

/** Comparable: "1.9" is older than "1.41". */
function parseVersion(version: string): number {
  const [major = '0', minor = '0'] = version.split('.');
  return Number(major) * 1000 + Number(minor);
}

function unreachableMessage(socketPath: string, error: unknown): string {
  if (hasCode(error, 'ENOENT')) {
    return `Docker is not running: there is no socket at ${socketPath}. Start Docker ("sudo systemctl start docker", or Docker Desktop), or set DOCKER_HOST=unix:///path/of/its/socket`;
  }
  if (hasCode(error, 'ECONNREFUSED')) {
    return `Docker is not running: nothing answers at ${socketPath}. Start it ("sudo systemctl start docker", or Docker Desktop)`;
  }
  if (hasCode(error, 'EACCES', 'EPERM')) {
    return `no permission to use Docker's socket ${socketPath}: run as root, or "sudo usermod -aG docker $USER" and log in again`;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return `Docker at ${socketPath} broke the connection off (${detail}): is it still running? Look at "docker info"`;
}

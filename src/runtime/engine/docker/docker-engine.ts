/** The container engine over the Docker HTTP API. */
import type { Clock, Milliseconds } from '../../../shared/clock.ts';
import {
  EngineError,
  type AttachOptions,
  type ContainerEngine,
  type ContainerId,
  type ContainerLimits,
  type ContainerSpec,
  type ContainerState,
  type ContainerSummary,
  type Credentials,
  type EngineEvent,
  type EngineInfo,
  type ExecOptions,
  type ProcessStreams,
  type ImageInfo,
  type Labels,
  type LogChunk,
  type LogOptions,
} from '../container-engine.ts';
import { attach } from './attach.ts';
import { containerBody, limitsBody } from './container-body.ts';
import {
  child,
  decodeImage,
  decodeImageSummary,
  decodeInfo,
  decodeState,
  decodeSummary,
  items,
  text,
} from './decode.ts';
import { DockerHttp, readBody } from './docker-http.ts';
import { eventStream, labelFilters } from './event-stream.ts';
import { exec } from './exec.ts';
import { pullTarget } from './image-reference.ts';
import { reasonOfImageError, watchProgress } from './image-stream.ts';
import { demultiplex, rawOutput, TIMESTAMP_BYTES } from './streams.ts';

const STOP_SLACK: Milliseconds = 120_000;

export interface DockerEngineOptions {
  readonly socketPath: string;
  readonly clock: Clock;
}

export class DockerEngine implements ContainerEngine {
  readonly #http: DockerHttp;
  readonly #clock: Clock;

  constructor({ socketPath, clock }: DockerEngineOptions) {
    this.#http = new DockerHttp(socketPath, clock);
    this.#clock = clock;
  }

  async info(signal: AbortSignal): Promise<EngineInfo> {
    const version = await this.#http.version(signal);
    return decodeInfo(await this.#http.json({ method: 'GET', path: '/info', signal }), version);
  }

  async pull(image: string, credentials: Credentials | undefined, signal: AbortSignal): Promise<void> {
    try {
      const response = await this.#http.open({
        method: 'POST',
        path: '/images/create',
        query: { ...pullTarget(image) },
        headers: credentials ? { 'X-Registry-Auth': registryAuth(credentials) } : {},
        signal,
      });
      await watchProgress(readBody(response, signal));
    } catch (error) {
      // Docker answers 500 when the registry's refusal comes before the first byte of progress.
      if (!(error instanceof EngineError) || error.reason === 'Unreachable') throw error;
      throw new EngineError(reasonOfImageError(error.message), error.message);
    }
  }

  async image(name: string): Promise<ImageInfo | undefined> {
    const found = await unlessMissing(this.#http.json({ method: 'GET', path: `/images/${imagePath(name)}/json` }));
    return found === undefined ? undefined : decodeImage(found);
  }

  async images(): Promise<readonly ImageInfo[]> {
    return items(await this.#http.json({ method: 'GET', path: '/images/json' })).map(decodeImageSummary);
  }

  async removeImage(name: string): Promise<void> {
    await unlessMissing(this.#http.json({ method: 'DELETE', path: `/images/${imagePath(name)}` }));
  }

  async build(tag: string, context: AsyncIterable<Uint8Array>, labels: Labels, signal: AbortSignal): Promise<void> {
    const response = await this.#http.open({
      method: 'POST',
      path: '/build',
      query: { t: tag, labels: JSON.stringify(labels), rm: true, forcerm: true, networkmode: 'none' },
      tar: context,
      signal,
    });
    await watchProgress(readBody(response, signal));
  }

  async create(spec: ContainerSpec): Promise<ContainerId> {
    const created = await this.#http.json({
      method: 'POST',
      path: '/containers/create',
      query: { name: spec.name },
      json: containerBody(spec),
    });
    return text(created, 'Id');
  }

  async start(id: ContainerId): Promise<void> {
    await this.#http.json({ method: 'POST', path: `${container(id)}/start`, accept: [304] });
  }

  async stop(id: ContainerId, grace: Milliseconds): Promise<void> {
    const seconds = Math.max(0, Math.ceil(grace / 1000));
    const request = { method: 'POST', path: `${container(id)}/stop`, query: { t: seconds }, accept: [304] } as const;
    await unlessMissing(this.#http.json({ ...request, timeout: seconds * 1000 + STOP_SLACK }));
  }

  async kill(id: ContainerId, signal: string): Promise<void> {
    await this.#http.json({ method: 'POST', path: `${container(id)}/kill`, query: { signal } });
  }

  async update(id: ContainerId, limits: ContainerLimits): Promise<void> {
    await this.#http.json({ method: 'POST', path: `${container(id)}/update`, json: limitsBody(limits) });
  }

  async remove(id: ContainerId): Promise<void> {
    try {
      await this.#http.json({ method: 'DELETE', path: container(id), query: { force: true, v: true } });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.reason === 'NotFound') return;
      // Somebody else removes it: the promise is that it is gone, so wait for that.
      if (error.reason !== 'Conflict' || !error.message.includes('already in progress')) throw error;
      await unlessMissing(
        this.#http.json({ method: 'POST', path: `${container(id)}/wait`, query: { condition: 'removed' } }),
      );
    }
  }

  async inspect(id: ContainerId): Promise<ContainerState | undefined> {
    const found = await unlessMissing(this.#http.json({ method: 'GET', path: `${container(id)}/json` }));
    return found === undefined ? undefined : decodeState(found);
  }

  async list(labels: Labels): Promise<readonly ContainerSummary[]> {
    const filters = JSON.stringify({ label: labelFilters(labels) });
    const found = await this.#http.json({ method: 'GET', path: '/containers/json', query: { all: true, filters } });
    return items(found).map(decodeSummary);
  }

  events(labels: Labels, signal: AbortSignal): AsyncIterable<EngineEvent> {
    return eventStream(this.#http, this.#clock, labels, signal);
  }

  async *logs(id: ContainerId, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogChunk> {
    const found = await this.#http.json({ method: 'GET', path: `${container(id)}/json`, signal });
    const response = await this.#http.open({
      method: 'GET',
      path: `${container(id)}/logs`,
      query: {
        follow: options.follow,
        stdout: options.stdout,
        stderr: options.stderr,
        timestamps: options.timestamps,
        tail: options.tailLines ?? 'all',
        since: options.since ? (options.since.getTime() / 1000).toFixed(3) : undefined,
      },
      signal,
    });
    const bytes = readBody(response, signal);
    const stamp = options.timestamps ? TIMESTAMP_BYTES : 0;
    yield* child(child(found, 'Config'), 'Tty') === true ? rawOutput(bytes) : demultiplex(bytes, stamp);
  }

  exec(id: ContainerId, options: ExecOptions, io: ProcessStreams, signal: AbortSignal): Promise<number> {
    return exec(this.#http, this.#clock, id, options, io, signal);
  }

  attach(id: ContainerId, options: AttachOptions, io: ProcessStreams, signal: AbortSignal): Promise<void> {
    return attach(this.#http, this.#clock, { path: container(id), options, io }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http[Symbol.dispose]();
  }
}

function container(id: ContainerId): string {
  return `/containers/${encodeURIComponent(id)}`;
}

/** Slashes of a name are part of the path; anything else that is special in a URL is not. */
function imagePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

/** Base64 of RFC 4648's URL alphabet, with padding: older engines insist on it. */
function registryAuth({ username, password, serverAddress }: Credentials): string {
  const plain = Buffer.from(JSON.stringify({ username, password, serveraddress: serverAddress }));
  return plain.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

async function unlessMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

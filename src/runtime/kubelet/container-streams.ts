/** Logs of containers, their streams, commands in them and connections to their ports, for the API server. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../shared/clock.ts';
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type {
  PodAttachOptions,
  PodExecOptions,
  PodProcessResult,
  PodProcessStreams,
  PodLogOptions,
  PodStreams,
} from '../apiserver/streams/pod-streams.ts';
import { connectLoopback } from '../network/loopback.ts';
import { EngineError, type ContainerEngine, type LogOptions, type ProcessStreams } from '../engine/container-engine.ts';
import { failedToStart, hasEnded, type ObservedPod, type PodContainer } from './pod-containers.ts';

export interface StreamParts {
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  /** Undefined for a pod that this node does not run. */
  observed(pod: Pod): ObservedPod | undefined;
}

export class ContainerStreams implements PodStreams {
  readonly #parts: StreamParts;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /** Follows to the end of the container. @throws Error with a text for the user when there is nothing to read */
  async *logs(pod: Pod, container: string, options: PodLogOptions, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const run = options.previous ? this.#previous(pod, container) : this.#latest(pod, container);
    let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
    for await (const { data } of this.#parts.engine.logs(run.state.id, this.#engineOptions(options), signal)) {
      yield data.length > left ? data.subarray(0, left) : data;
      left -= data.length;
      if (left <= 0) return;
    }
  }

  async exec(
    pod: Pod,
    container: string,
    options: PodExecOptions,
    streams: PodProcessStreams,
    signal: AbortSignal,
  ): Promise<PodProcessResult> {
    const run = this.#runs(pod, container)[0];
    if (run?.state.status !== 'running') return { error: `container not found ("${container}")` };
    const { id } = run.state;
    return resultOf(() => this.#parts.engine.exec(id, options, processStreams(options, streams), signal));
  }

  async attach(
    pod: Pod,
    container: string,
    options: PodAttachOptions,
    streams: PodProcessStreams,
    signal: AbortSignal,
  ): Promise<PodProcessResult> {
    const run = this.#runs(pod, container)[0];
    if (run?.state.status !== 'running') return { error: `container not running (${container})` };
    const { id } = run.state;
    return resultOf(async () => {
      await this.#parts.engine.attach(id, options, processStreams(options, streams), signal);
      return 0;
    });
  }

  /** @throws Error with a text for the user when the pod does not run or nothing listens there */
  async connect(pod: Pod, port: number, signal: AbortSignal): Promise<Duplex> {
    const sandbox = this.#parts.observed(pod)?.sandboxes[0];
    if (sandbox?.state.status !== 'running') throw new Error('the pod is not running');
    const ownNetwork = pod.spec?.hostNetwork !== true;
    return connectLoopback(
      ownNetwork ? { pid: sandbox.state.pid, ip: pod.status?.podIP ?? '' } : undefined,
      port,
      signal,
    );
  }

  #engineOptions(options: PodLogOptions): LogOptions {
    const { follow, timestamps, tailLines, sinceSeconds, sinceTime } = options;
    const now = this.#parts.clock.now().getTime();
    const since =
      sinceTime !== undefined
        ? new Date(sinceTime)
        : sinceSeconds !== undefined
          ? new Date(now - sinceSeconds * 1000)
          : undefined;
    return {
      follow,
      timestamps,
      stdout: true,
      stderr: true,
      ...(tailLines === undefined ? {} : { tailLines }),
      ...(since === undefined ? {} : { since }),
    };
  }

  #runs(pod: Pod, container: string): readonly PodContainer[] {
    return this.#parts.observed(pod)?.containers.get(container) ?? [];
  }

  #latest(pod: Pod, container: string): PodContainer {
    const run = this.#runs(pod, container).find(({ state }) => state.status !== 'created' || failedToStart(state));
    if (run) return run;
    const all = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    const reason = all.find((status) => status.name === container)?.state?.waiting?.reason ?? 'ContainerCreating';
    const pulling = reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
    const why = pulling ? 'trying and failing to pull image' : reason;
    throw new Error(`container "${container}" in pod "${pod.metadata.name ?? ''}" is waiting to start: ${why}`);
  }

  /** The run before the current one; while the next one is waited for, the one that ended last. */
  #previous(pod: Pod, container: string): PodContainer {
    const [last, former] = this.#runs(pod, container).filter(({ state }) => state.status !== 'created');
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    const waits = statuses.find((status) => status.name === container)?.state?.waiting !== undefined;
    const run = last && hasEnded(last.state) && waits ? last : former;
    if (run) return run;
    throw new Error(`previous terminated container "${container}" in pod "${pod.metadata.name ?? ''}" not found`);
  }
}

function processStreams(options: PodAttachOptions, streams: PodProcessStreams): ProcessStreams {
  return {
    stdin: options.stdin ? streams.stdin : undefined,
    stdout: (data) => streams.stdout(data),
    stderr: (data) => streams.stderr(data),
    resize: options.tty ? streams.resize : undefined,
  };
}

async function resultOf(run: () => Promise<number>): Promise<PodProcessResult> {
  try {
    return { exitCode: await run() };
  } catch (error) {
    if (error instanceof EngineError) return { error: error.message };
    throw error;
  }
}

/** The API server is there before the kubelet, which is one of its clients: logs, exec and attach are connected afterwards. */
import type { Duplex } from 'node:stream';
import type { Pod } from '../types/kinds/core/pod.ts';
import type {
  PodAttachOptions,
  PodExecOptions,
  PodProcessResult,
  PodProcessStreams,
  PodLogOptions,
  PodStreams,
} from './apiserver/streams/pod-streams.ts';

export class LatePodStreams implements PodStreams {
  #streams: PodStreams | undefined;

  use(streams: PodStreams): void {
    this.#streams = streams;
  }

  logs(pod: Pod, container: string, options: PodLogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#connected().logs(pod, container, options, signal);
  }

  exec(
    pod: Pod,
    container: string,
    options: PodExecOptions,
    streams: PodProcessStreams,
    signal: AbortSignal,
  ): Promise<PodProcessResult> {
    return this.#connected().exec(pod, container, options, streams, signal);
  }

  attach(
    pod: Pod,
    container: string,
    options: PodAttachOptions,
    streams: PodProcessStreams,
    signal: AbortSignal,
  ): Promise<PodProcessResult> {
    return this.#connected().attach(pod, container, options, streams, signal);
  }

  connect(pod: Pod, port: number, signal: AbortSignal): Promise<Duplex> {
    return this.#connected().connect(pod, port, signal);
  }

  #connected(): PodStreams {
    if (!this.#streams) throw new Error('the node is still starting; try again in a moment');
    return this.#streams;
  }
}

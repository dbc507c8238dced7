/** What the API server needs of whoever runs the pods. */
import type { Duplex } from 'node:stream';
import type { Pod } from '../../../types/kinds/generated/core-v1.gen.ts';

export interface PodLogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  readonly limitBytes?: number;
}

/** Which streams a client opens. With a terminal it opens no stderr, and sends sizes. */
export interface PodAttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface PodExecOptions extends PodAttachOptions {
  readonly command: readonly string[];
}

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** The client's side of a process. Writes resolve when the client has taken the bytes. */
export interface PodProcessStreams {
  /** Ends when the client closes its standard input. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Sizes of the client's terminal, the current one first. */
  readonly resize: AsyncIterable<TerminalSize>;
  stdout(chunk: Uint8Array): Promise<void>;
  stderr(chunk: Uint8Array): Promise<void>;
}

/** `error`: the command could not be run, or the container not be attached to, at all. */
export type PodProcessResult = { readonly exitCode: number } | { readonly error: string };

export interface PodStreams {
  /** @throws Error with a text for the user, as when the container has not started yet. */
  logs(pod: Pod, container: string, options: PodLogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
  exec(
    pod: Pod,
    container: string,
    options: PodExecOptions,
    streams: PodProcessStreams,
    signal: AbortSignal,
  ): Promise<PodProcessResult>;
  /** The streams of the container's own process, until it ends or the client goes; `exitCode` is 0 whatever its own is. */
  attach(
    pod: Pod,
    container: string,
    options: PodAttachOptions,
    streams: PodProcessStreams,
    signal: AbortSignal,
  ): Promise<PodProcessResult>;
  /**
   * A connection to a port of the pod's own loopback interface, as the kubelet makes it for port-forward.
   * @throws Error with a text for the user when nothing answers there
   */
  connect(pod: Pod, port: number, signal: AbortSignal): Promise<Duplex>;
}

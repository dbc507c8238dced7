/** What is asked of a container runtime. It knows no pods; Docker's words do not leave docker/. */
import type { Milliseconds } from '../../shared/clock.ts';

export type ContainerId = string;
export type Labels = Readonly<Record<string, string>>;

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly serverAddress: string;
}

export interface BindMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation?: 'rprivate' | 'rslave' | 'rshared';
}

export interface DeviceMapping {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly permissions: string;
}

/** Everything a container is created with; what is left out takes the image's or the engine's own value. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly hostname?: string;
  readonly tty?: boolean;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  /** `disabled`: own empty namespace, faster than `none` (see routed-network); `{container}` joins another one. */
  readonly network: 'disabled' | 'none' | 'host' | { readonly container: ContainerId };
  readonly ipc?: 'shareable' | 'host' | { readonly container: ContainerId };
  readonly pid?: 'host' | { readonly container: ContainerId };
  readonly hostUts?: boolean;
  readonly mounts?: readonly BindMount[];
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly devices?: readonly DeviceMapping[];
  readonly privileged?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly securityOptions?: readonly string[];
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly memoryBytes?: number;
  readonly cpuShares?: number;
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly pidsLimit?: number;
  readonly oomScoreAdj?: number;
  readonly shmBytes?: number;
  readonly cgroupParent?: string;
  readonly stopSignal?: string;
  readonly logMaxBytes?: number;
}

/** What may be changed while a container runs; a limit that is left out stays as it is. */
export interface ContainerLimits {
  readonly cpuShares: number;
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly memoryBytes?: number;
}

export interface ContainerState {
  readonly id: ContainerId;
  readonly name: string;
  readonly labels: Labels;
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly pid: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** The engine's own words when a start failed. */
  readonly error: string;
  readonly createdAt: Date;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  readonly image: string;
  readonly imageId: string;
  readonly logPath: string | undefined;
}

export interface ContainerSummary {
  readonly id: ContainerId;
  readonly name: string;
  readonly labels: Labels;
  readonly state: ContainerState['status'];
}

export interface EngineEvent {
  readonly type: 'create' | 'start' | 'die' | 'oom' | 'destroy' | 'stop' | 'kill' | 'pause' | 'unpause' | 'gap';
  /** Empty for `gap`, after which everything has to be listed anew: the stream broke and events may be lost. */
  readonly id: ContainerId;
  readonly labels: Labels;
  readonly time: Date;
}

export interface LogOptions {
  readonly follow: boolean;
  readonly tailLines?: number;
  readonly since?: Date;
  readonly timestamps: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}
export interface LogChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

/** Which streams of a process are wanted. */
export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface ExecOptions extends AttachOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly env?: readonly string[];
}

/** The near ends of a process's streams. `resize` yields terminal sizes while there is a terminal. */
export interface ProcessStreams {
  readonly stdin: AsyncIterable<Uint8Array> | undefined;
  stdout(data: Uint8Array): Promise<void>;
  stderr(data: Uint8Array): Promise<void>;
  readonly resize: AsyncIterable<{ readonly width: number; readonly height: number }> | undefined;
}

export interface ImageInfo {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly env: readonly string[];
}

export interface EngineInfo {
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly cgroupDriver: 'cgroupfs' | 'systemd';
  readonly cgroupVersion: '1' | '2';
  readonly rootDir: string;
}

/** What went wrong, in the terms the kubelet acts on. The message is the engine's, in full. */
export class EngineError extends Error {
  constructor(
    readonly reason: 'NotFound' | 'Conflict' | 'InvalidSpec' | 'Unauthorized' | 'Unreachable' | 'Failed',
    message: string,
  ) {
    super(message);
  }
}

export interface ContainerEngine extends AsyncDisposable {
  info(signal: AbortSignal): Promise<EngineInfo>;
  /** @throws EngineError NotFound (no such image or registry), Unauthorized */
  pull(image: string, credentials: Credentials | undefined, signal: AbortSignal): Promise<void>;
  image(name: string): Promise<ImageInfo | undefined>;
  images(): Promise<readonly ImageInfo[]>;
  removeImage(name: string): Promise<void>;
  /** Builds an image from a tar of its context; used for the pause image. */
  build(tag: string, context: AsyncIterable<Uint8Array>, labels: Labels, signal: AbortSignal): Promise<void>;
  create(spec: ContainerSpec): Promise<ContainerId>;
  start(id: ContainerId): Promise<void>;
  /** SIGTERM (or the image's stop signal), then SIGKILL after `grace`. No error when it is gone or stopped already. */
  stop(id: ContainerId, grace: Milliseconds): Promise<void>;
  kill(id: ContainerId, signal: string): Promise<void>;
  /** @throws EngineError NotFound, or Failed when the kernel refuses, as it does memory limits below what is in use */
  update(id: ContainerId, limits: ContainerLimits): Promise<void>;
  /** Removes by force, with its anonymous volumes. No error when it is gone already. */
  remove(id: ContainerId): Promise<void>;
  inspect(id: ContainerId): Promise<ContainerState | undefined>;
  list(labels: Labels): Promise<readonly ContainerSummary[]>;
  /**
   * The first item is always a `gap`, and comes once the stream has begun: list after it, and nothing is missed. Never
   * ends but by the signal: when the connection breaks it reconnects, and says `gap` again when it has.
   */
  events(labels: Labels, signal: AbortSignal): AsyncIterable<EngineEvent>;
  logs(id: ContainerId, options: LogOptions, signal: AbortSignal): AsyncIterable<LogChunk>;
  /** Resolves with the exit code. @throws EngineError InvalidSpec when the command cannot be started */
  exec(id: ContainerId, options: ExecOptions, io: ProcessStreams, signal: AbortSignal): Promise<number>;
  /**
   * The streams of the container's own process from now on; one with a terminal has all output on stdout. Resolves when the
   * container has ended. The end of `stdin` reaches a process only in a container of `stdinOnce`; any other keeps it open.
   * @throws EngineError Conflict when the container does not run
   */
  attach(id: ContainerId, options: AttachOptions, io: ProcessStreams, signal: AbortSignal): Promise<void>;
}

/** A ContainerEngine without Docker: containers run scripted programs. It keeps the contract in test/contract. */
import { AsyncQueue } from '../../src/shared/async-queue.ts';
import { systemClock, type Clock, type Milliseconds } from '../../src/shared/clock.ts';
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
} from '../../src/runtime/engine/container-engine.ts';
import { SimulatedContainer } from './simulated-container.ts';
import { simulateExec } from './simulated-exec.ts';
import { programOf, runUntilTerm, type SimulatedProgram } from './simulated-program.ts';

export type ExecHandler = (
  container: ContainerState,
  options: ExecOptions,
  io: ProcessStreams,
  signal: AbortSignal,
) => Promise<number>;

export class SimulatedEngine implements ContainerEngine {
  /** What a container does after its start; by default what `simulatedCommand` says, else it runs until SIGTERM. */
  program: (spec: ContainerSpec) => SimulatedProgram = (spec) => programOf(spec.command) ?? runUntilTerm;
  /** What an exec does; by default what `simulatedCommand` says, else it exits with 0 at once. */
  onExec: ExecHandler = (_container, options, io, signal) => simulateExec(options, io, signal);
  /** Credentials that the registry asks for, by image. */
  readonly secured = new Map<string, Credentials>();
  /** One line per call that changes something, as in "create NAME", "start NAME", "pull IMAGE". */
  readonly journal: string[] = [];

  readonly #clock: Clock;
  readonly #registry = new Map<string, ImageInfo>();
  readonly #images = new Map<string, ImageInfo>();
  readonly #containers = new Map<ContainerId, SimulatedContainer>();
  readonly #listeners = new Set<{ readonly labels: Labels; readonly queue: AsyncQueue<EngineEvent> }>();
  #serial = 0;
  #reachable = true;

  constructor(options: { readonly clock?: Clock; readonly images?: readonly string[] } = {}) {
    this.#clock = options.clock ?? systemClock;
    for (const name of options.images ?? []) this.addImage(name);
  }

  /** An image that is present. */
  addImage(name: string, info: Partial<ImageInfo> = {}): void {
    this.#images.set(tagged(name), this.#imageInfo(name, info));
  }

  /** An image that can be pulled. */
  publish(name: string, info: Partial<ImageInfo> = {}): void {
    this.#registry.set(tagged(name), this.#imageInfo(name, info));
  }

  /** Every call fails with Unreachable until `comeBack`. Containers keep running. */
  breakDown(): void {
    this.#reachable = false;
  }

  comeBack(): void {
    this.#reachable = true;
    this.breakEvents();
  }

  /** The event stream breaks and is made anew: all listeners get a `gap`. */
  breakEvents(): void {
    for (const { queue } of this.#listeners) queue.push(this.#gap());
  }

  /** Ends a running container from outside, as `docker kill` or a crash does. */
  crash(id: ContainerId, exitCode: number, options: { readonly oomKilled?: boolean } = {}): void {
    this.#get(id).exit(exitCode, options.oomKilled ?? false);
  }

  /** Adds to the log of a container. */
  print(id: ContainerId, stream: LogChunk['stream'], text: string): void {
    this.#get(id).write(stream, text);
  }

  /** The container of this name, with the spec it was created from. */
  find(name: string): SimulatedContainer | undefined {
    return [...this.#containers.values()].find((container) => container.spec.name === name);
  }

  async info(): Promise<EngineInfo> {
    this.#answer();
    return {
      name: 'simulated',
      version: '0.0.0',
      apiVersion: '1.41',
      operatingSystem: 'Simulated Linux',
      kernelVersion: '6.0.0',
      architecture: 'x86_64',
      cpus: 4,
      memoryBytes: 8 * 1024 ** 3,
      cgroupDriver: 'cgroupfs',
      cgroupVersion: '2',
      rootDir: '/simulated',
    };
  }

  async pull(image: string, credentials: Credentials | undefined, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#answer(`pull ${image}`);
    const found = this.#registry.get(tagged(image));
    if (!found) throw new EngineError('NotFound', `manifest for ${image} not found: manifest unknown`);
    const needed = this.secured.get(image);
    if (needed && (needed.username !== credentials?.username || needed.password !== credentials.password)) {
      throw new EngineError('Unauthorized', `unauthorized: authentication required for ${image}`);
    }
    this.#images.set(tagged(image), found);
  }

  async image(name: string): Promise<ImageInfo | undefined> {
    this.#answer();
    return this.#images.get(tagged(name)) ?? [...this.#images.values()].find((image) => image.id === name);
  }

  async images(): Promise<readonly ImageInfo[]> {
    this.#answer();
    return [...this.#images.values()];
  }

  async removeImage(name: string): Promise<void> {
    this.#answer(`removeImage ${name}`);
    this.#images.delete(tagged(name));
  }

  async build(tag: string, context: AsyncIterable<Uint8Array>, _labels: Labels, signal: AbortSignal): Promise<void> {
    this.#answer(`build ${tag}`);
    let sizeBytes = 0;
    for await (const chunk of context) sizeBytes += chunk.length;
    signal.throwIfAborted();
    if (sizeBytes === 0) throw new EngineError('Failed', 'the build context is empty');
    this.addImage(tag, { sizeBytes });
  }

  async create(spec: ContainerSpec): Promise<ContainerId> {
    this.#answer(`create ${spec.name}`);
    const image = await this.image(spec.image);
    if (!image) throw new EngineError('NotFound', `No such image: ${spec.image}`);
    const taken = this.find(spec.name);
    if (taken) throw new EngineError('Conflict', `the container name "/${spec.name}" is in use by ${taken.state.id}`);
    const id = (++this.#serial).toString(16).padStart(64, '0');
    const announce = (type: EngineEvent['type'], from: SimulatedContainer): void => this.#announce(type, from);
    const container = new SimulatedContainer(spec, { id, imageId: image.id, clock: this.#clock, announce });
    this.#containers.set(id, container);
    this.#announce('create', container);
    return id;
  }

  async start(id: ContainerId): Promise<void> {
    const container = this.#get(id);
    this.#answer(`start ${container.spec.name}`);
    if (container.running) return;
    const { network } = container.spec;
    if (typeof network === 'object' && this.#containers.get(network.container)?.running !== true) {
      throw new EngineError('Conflict', `cannot join network of a non running container: ${network.container}`);
    }
    const program = this.program(container.spec);
    if (program.startError !== undefined) {
      container.failToStart(program.startError);
      throw new EngineError('InvalidSpec', program.startError);
    }
    container.run(program, 100_000 + ++this.#serial);
  }

  async stop(id: ContainerId, grace: Milliseconds): Promise<void> {
    const container = this.#containers.get(id);
    this.#answer(`stop ${container?.spec.name ?? id}`);
    if (!container?.running) return;
    if (!container.signal(container.spec.stopSignal ?? 'SIGTERM')) {
      using _timer = this.#clock.schedule(grace, () => container.signal('SIGKILL'));
      await container.ended();
    }
    this.#announce('stop', container);
  }

  async kill(id: ContainerId, signal: string): Promise<void> {
    const container = this.#get(id);
    this.#answer(`kill ${container.spec.name} ${signal}`);
    if (!container.running) throw new EngineError('Conflict', `container ${id} is not running`);
    container.signal(/^SIG|^\d+$/.test(signal) ? signal : `SIG${signal}`);
  }

  async update(id: ContainerId, limits: ContainerLimits): Promise<void> {
    const { spec } = this.#get(id);
    this.#answer(`update ${spec.name} ${limits.cpuShares}/${limits.cpuQuota ?? 0}/${limits.memoryBytes ?? 0}`);
  }

  async remove(id: ContainerId): Promise<void> {
    const container = this.#containers.get(id);
    this.#answer(`remove ${container?.spec.name ?? id}`);
    if (!container) return;
    container.exit(137);
    this.#containers.delete(id);
    this.#announce('destroy', container);
  }

  async inspect(id: ContainerId): Promise<ContainerState | undefined> {
    this.#answer();
    return (this.#containers.get(id) ?? this.find(id))?.state;
  }

  async list(labels: Labels): Promise<readonly ContainerSummary[]> {
    this.#answer();
    return [...this.#containers.values()]
      .filter((container) => matches(container.spec.labels, labels))
      .map(({ state }) => ({ id: state.id, name: state.name, labels: state.labels, state: state.status }));
  }

  async *events(labels: Labels, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const listener = { labels, queue: new AsyncQueue<EngineEvent>() };
    const onAbort = (): void => listener.queue.close();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    if (this.#reachable) listener.queue.push(this.#gap());
    this.#listeners.add(listener);
    try {
      yield* listener.queue;
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async *logs(id: ContainerId, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogChunk> {
    this.#answer();
    yield* this.#get(id).logs(options, signal);
  }

  async exec(id: ContainerId, options: ExecOptions, io: ProcessStreams, signal: AbortSignal): Promise<number> {
    const container = this.#get(id);
    this.#answer(`exec ${container.spec.name} ${options.command.join(' ')}`);
    signal.throwIfAborted();
    if (!container.running) throw new EngineError('Conflict', `container ${id} is not running`);
    return this.onExec(container.state, options, io, signal);
  }

  async attach(id: ContainerId, options: AttachOptions, io: ProcessStreams, signal: AbortSignal): Promise<void> {
    const container = this.#get(id);
    this.#answer(`attach ${container.spec.name}`);
    signal.throwIfAborted();
    if (!container.running) throw new EngineError('Conflict', 'the container is not running');
    return container.attach(options, io, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { queue } of this.#listeners) queue.close();
    for (const container of this.#containers.values()) container.exit(137);
  }

  #answer(entry?: string): void {
    if (!this.#reachable) throw new EngineError('Unreachable', 'the simulated engine is broken down: call comeBack()');
    if (entry !== undefined) this.journal.push(entry);
  }

  #get(id: ContainerId): SimulatedContainer {
    const container = this.#containers.get(id);
    if (!container) throw new EngineError('NotFound', `No such container: ${id}`);
    return container;
  }

  #gap(): EngineEvent {
    return { type: 'gap', id: '', labels: {}, time: this.#clock.now() };
  }

  #announce(type: EngineEvent['type'], container: SimulatedContainer): void {
    if (!this.#reachable) return;
    const event = { type, id: container.state.id, labels: container.spec.labels, time: this.#clock.now() };
    for (const { labels, queue } of this.#listeners) if (matches(container.spec.labels, labels)) queue.push(event);
  }

  #imageInfo(name: string, info: Partial<ImageInfo>): ImageInfo {
    const id = `sha256:${(++this.#serial).toString(16).padStart(64, '0')}`;
    const empty = { user: '', entrypoint: [], command: [], workingDir: '', env: [] };
    return { id, tags: [tagged(name)], digests: [], sizeBytes: 1_000_000, ...empty, ...info };
  }
}

function tagged(name: string): string {
  return name.includes('@') || name.lastIndexOf(':') > name.lastIndexOf('/') ? name : `${name}:latest`;
}

function matches(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** What the engine runs for one pod, as far as it is known: inspected again only when something was heard of it. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ContainerId, ContainerState, EngineEvent } from '../engine/container-engine.ts';
import type { StartReports } from './container-start.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { hasEnded, LABEL, observedPod, type ObservedPod, type PodContainer } from './pod-containers.ts';
import type { Sandbox } from './sandbox.ts';
import { isMissing } from './volumes/atomic-folder.ts';

const MESSAGE_BYTES = 4096;
const LOG_MESSAGE_BYTES = 2048;
const LOG_MESSAGE_LINES = 80;

export class PodObserver {
  readonly #context: KubeletContext;
  readonly #states = new Map<ContainerId, ContainerState>();
  readonly #dirty = new Set<ContainerId>();
  readonly #underWay = new Set<ContainerId>();
  readonly #messages = new Map<ContainerId, string>();
  readonly #digests = new Map<string, string>();
  readonly #knownImages = new Set<string>();

  constructor(context: KubeletContext) {
    this.#context = context;
  }

  get messages(): ReadonlyMap<ContainerId, string> {
    return this.#messages;
  }

  get imageDigests(): ReadonlyMap<string, string> {
    return this.#digests;
  }

  current(): ObservedPod {
    return observedPod(this.#states.values());
  }

  /** False when the event tells nothing that an action of the pod does not tell itself, so that nobody has to look. */
  event({ type, id }: EngineEvent): boolean {
    // Containers of pods are made by nobody else; an inspection costs the engine about as much as making one.
    if (type === 'create' || (type === 'start' && this.#underWay.has(id))) return false;
    // Signals and the engine's own stopping show in a container's state only as its death, which is told apart.
    if (type === 'kill' || type === 'stop') return false;
    if (type === 'destroy') this.gone(id);
    else this.heardOf(id);
    return true;
  }

  heardOf(id: ContainerId): void {
    this.#underWay.delete(id);
    this.#dirty.add(id);
  }

  /** Waits for the address of a sandbox that is on its way. */
  async addressOf(sandbox: Sandbox): Promise<string> {
    const id = await sandbox.id;
    this.#begun(id);
    try {
      const address = await sandbox.address;
      const state = await sandbox.state;
      if (state) this.#learned(state);
      return address;
    } finally {
      this.#settled(id);
    }
  }

  /** Follows the start of a container. @param wake called when the container can be looked at */
  async start(action: (told: StartReports) => Promise<void>, wake: () => void): Promise<void> {
    let made: ContainerId | undefined;
    try {
      await action({
        made: (id) => this.#begun((made = id)),
        started: (id) => {
          this.heardOf(id);
          wake();
        },
      });
    } finally {
      if (made !== undefined) this.#settled(made);
    }
  }

  /** An action has made it and is about to start it: until it is heard of again, nobody has to look. */
  #begun(id: ContainerId): void {
    this.#underWay.add(id);
    this.#dirty.add(id);
  }

  /** The action is over, however it ended. */
  #settled(id: ContainerId): void {
    if (this.#underWay.has(id)) this.heardOf(id);
  }

  /** What an action saw when it looked for itself. */
  #learned(state: ContainerState): void {
    this.#states.set(state.id, state);
    if (this.#underWay.delete(state.id)) this.#dirty.delete(state.id);
  }

  gone(id: ContainerId): void {
    this.#states.delete(id);
    this.#dirty.delete(id);
    this.#underWay.delete(id);
  }

  /** What is not in the engine's list has gone, or has come since it was made: all is looked at. */
  relisted(ids: ReadonlySet<ContainerId>): void {
    for (const id of [...this.#states.keys(), ...ids]) this.#dirty.add(id);
  }

  /** For when events may still be on their way. */
  refreshAll(pod: Pod): Promise<ObservedPod> {
    for (const id of this.#states.keys()) this.#dirty.add(id);
    return this.refresh(pod);
  }

  async refresh(pod: Pod): Promise<ObservedPod> {
    const ids = [...this.#dirty].filter((id) => !this.#underWay.has(id));
    for (const id of ids) this.#dirty.delete(id);
    try {
      await Promise.all(ids.map((id) => this.#inspect(id)));
    } catch (error) {
      for (const id of ids) this.#dirty.add(id);
      throw error;
    }
    const observed = this.current();
    for (const runs of observed.containers.values()) for (const run of runs) await this.#learn(pod, run);
    return observed;
  }

  terminationLog(pod: Pod, container: string, attempt: number): string {
    return join(this.#context.folders.container(pod.metadata.uid ?? '', container), `termination-log-${attempt}`);
  }

  async #inspect(id: ContainerId): Promise<void> {
    const state = await this.#context.engine.inspect(id);
    if (!state || state.status === 'removing') this.#states.delete(id);
    else this.#states.set(id, state);
  }

  async #learn(pod: Pod, run: PodContainer): Promise<void> {
    const { id, imageId } = run.state;
    if (!this.#knownImages.has(imageId)) {
      const digest = await this.#context.images.digestOf(imageId);
      this.#knownImages.add(imageId);
      if (digest !== undefined) this.#digests.set(imageId, digest);
    }
    if (hasEnded(run.state) && !this.#messages.has(id))
      this.#messages.set(id, await this.#terminationMessage(pod, run));
  }

  async #terminationMessage(pod: Pod, run: PodContainer): Promise<string> {
    const text = await firstBytes(this.terminationLog(pod, run.name, run.attempt), MESSAGE_BYTES);
    const fallback = run.state.labels[LABEL.terminationMessagePolicy] === 'FallbackToLogsOnError';
    if (text !== '' || !fallback || run.state.exitCode === 0 || run.state.startedAt === undefined) return text;
    const options = { follow: false, tailLines: LOG_MESSAGE_LINES, timestamps: false, stdout: true, stderr: true };
    const parts: Buffer[] = [];
    const { engine } = this.#context;
    for await (const { data } of engine.logs(run.state.id, options, new AbortController().signal))
      parts.push(Buffer.from(data));
    return Buffer.concat(parts).subarray(-LOG_MESSAGE_BYTES).toString('utf8');
  }
}

async function firstBytes(path: string, limit: number): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limit), 0, limit, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

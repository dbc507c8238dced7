/** What the engine runs for one pod, as far as it is known: inspected again only when something was heard of it. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ContainerId, ContainerState } from '../engine/container-engine.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { hasEnded, LABEL, observedPod, type ObservedPod, type PodContainer } from './pod-containers.ts';
import { isMissing } from './volumes/atomic-folder.ts';

const MESSAGE_BYTES = 4096;
const LOG_MESSAGE_BYTES = 2048;
const LOG_MESSAGE_LINES = 80;

export class PodObserver {
  readonly #context: KubeletContext;
  readonly #states = new Map<ContainerId, ContainerState>();
  readonly #dirty = new Set<ContainerId>();
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

  heardOf(id: ContainerId): void {
    this.#dirty.add(id);
  }

  gone(id: ContainerId): void {
    this.#states.delete(id);
    this.#dirty.delete(id);
  }

  /** The engine's list is the truth: what is not in it has gone. */
  relisted(ids: ReadonlySet<ContainerId>): void {
    for (const id of this.#states.keys()) if (!ids.has(id)) this.gone(id);
    for (const id of ids) this.#dirty.add(id);
  }

  /** For when events may still be on their way. */
  refreshAll(pod: Pod): Promise<ObservedPod> {
    for (const id of this.#states.keys()) this.#dirty.add(id);
    return this.refresh(pod);
  }

  async refresh(pod: Pod): Promise<ObservedPod> {
    const ids = [...this.#dirty];
    this.#dirty.clear();
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
      const image = await this.#context.engine.image(imageId);
      const digest = image?.digests[0];
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

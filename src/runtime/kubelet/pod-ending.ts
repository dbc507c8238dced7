/** How a pod ends: its containers are stopped, what it leaves is removed, and the API is told that it may forget it. */
import type { Milliseconds } from '../../shared/clock.ts';
import { keyOf, type Persisted } from '../../types/meta.ts';
import { Pod } from '../../types/kinds/core/pod.ts';
import { ApiFailure } from '../client/api-client.ts';
import { EngineError } from '../engine/container-engine.ts';
import { removeCgroups } from './cgroups.ts';
import { cgroupParentOf } from './container-spec.ts';
import type { KubeletContext } from './kubelet-context.ts';
import type { ObservedPod, PodContainer } from './pod-containers.ts';
import type { PodPlan } from './pod-plan.ts';
import type { PodProbes } from './pod-probes.ts';
import { stopPod, type StopOrder } from './pod-stop.ts';
import type { StatusWriter } from './status-writer.ts';
import type { VolumeKeeper } from './volume-keeper.ts';

export interface EndingParts {
  observe(): Promise<ObservedPod>;
  /** Resolves when no action of the worker is under way. */
  settled(): Promise<void>;
  publish(observed: ObservedPod): void;
  forget(): void;
  wake(): void;
  readonly probes: PodProbes;
  readonly volumes: VolumeKeeper;
  readonly writer: StatusWriter;
}

export interface EndingOrder {
  readonly end: PodPlan['end'];
  readonly address: string | undefined;
}

const RETRY: Milliseconds = 1000;

export class PodEnding {
  readonly #context: KubeletContext;
  readonly #parts: EndingParts;
  readonly #hurry = new AbortController();
  readonly #gone: Promise<void>;
  #resolveGone: () => void = () => undefined;
  #verdict: PodPlan['end'];
  #run: Promise<void> | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  #timer: Disposable | undefined;
  #finished = false;
  #removed = false;
  #abandoned = false;
  #stopped = false;

  constructor(context: KubeletContext, parts: EndingParts) {
    this.#context = context;
    this.#parts = parts;
    this.#gone = new Promise((resolve) => (this.#resolveGone = resolve));
  }

  get begun(): boolean {
    return this.#run !== undefined;
  }

  get abandoned(): boolean {
    return this.#abandoned;
  }

  get gone(): Promise<void> {
    return this.#gone;
  }

  /** Set once no container runs any more. */
  get verdict(): PodPlan['end'] {
    return this.#verdict;
  }

  /** The API has forgotten the pod already. */
  abandon(): void {
    this.#abandoned = true;
    this.#hurry.abort();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    this.#hurry.abort();
  }

  /** May be called again with news: a shorter grace period, or a deletion after the pod had finished by itself. */
  begin(pod: Persisted<Pod>, order: EndingOrder): void {
    if (this.#stopped || this.#removed) return;
    const deleting = pod.metadata.deletionTimestamp !== undefined || this.#abandoned;
    const grace = this.#abandoned ? 0 : graceOf(pod);
    if (this.#run) {
      this.#shorten(grace, deleting);
      return;
    }
    if (this.#finished && !deleting) return;
    this.#deadline = this.#context.clock.monotonic() + grace;
    this.#run = this.#go(pod, order, grace, deleting)
      .then(
        () => {
          if (deleting) this.#resolveGone();
          this.#removed ||= deleting;
          this.#finished = true;
        },
        (error: unknown) => {
          if (!(error instanceof EngineError) && !this.#stopped) this.#context.onError(error);
          if (!this.#stopped) this.#timer = this.#context.clock.schedule(RETRY, () => this.#parts.wake());
        },
      )
      .finally(() => {
        this.#run = undefined;
        // A deletion that came meanwhile has yet to be carried out.
        if (!deleting) this.#parts.wake();
      });
  }

  #shorten(grace: Milliseconds, deleting: boolean): void {
    const deadline = this.#context.clock.monotonic() + grace;
    if (!deleting || deadline >= this.#deadline) return;
    this.#deadline = deadline;
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#context.clock.schedule(grace, () => this.#hurry.abort());
  }

  async #go(pod: Persisted<Pod>, order: EndingOrder, grace: Milliseconds, deleting: boolean): Promise<void> {
    const { probes, writer } = this.#parts;
    probes.onlyReadiness();
    await this.#parts.settled();
    const before = await this.#parts.observe();
    await this.#stopAll(pod, { address: order.address, running: runningOf(before) }, grace);
    probes[Symbol.dispose]();
    if (this.#stopped) return;
    const after = await this.#parts.observe();
    if (!this.#abandoned && (deleting || order.end?.phase !== undefined || !hasFinished(pod))) {
      this.#verdict = order.end;
      this.#parts.publish(after);
      await writer.settled();
    }
    await this.#removeSandboxes(pod, after);
    if (!deleting && !this.#abandoned) return;
    await this.#removeRest(pod, after);
    if (!this.#abandoned) await this.#forgetInApi(pod);
  }

  async #stopAll(pod: Pod, order: Pick<StopOrder, 'address' | 'running'>, grace: Milliseconds): Promise<void> {
    const { engine } = this.#context;
    const kill = (): void => {
      if (this.#stopped) return;
      for (const run of order.running) {
        engine.stop(run.state.id, 0).catch((error: unknown) => this.#context.onError(error));
      }
    };
    const { signal } = this.#hurry;
    signal.addEventListener('abort', kill, { once: true });
    try {
      await stopPod(this.#context, { pod, running: order.running, address: order.address, grace }, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      if (!this.#stopped) await Promise.all(order.running.map((run) => engine.stop(run.state.id, 0)));
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }

  async #removeSandboxes(pod: Pod, observed: ObservedPod): Promise<void> {
    const { engine, network } = this.#context;
    // What has left the pod's namespaces may be cut off; the other way round, it would lose its network while it runs.
    await Promise.all([
      network.detach(pod.metadata.uid ?? ''),
      ...observed.sandboxes.map((run) => engine.remove(run.state.id)),
    ]);
    this.#parts.forget();
  }

  async #removeRest(pod: Pod, observed: ObservedPod): Promise<void> {
    const { engine, images, machine } = this.#context;
    await Promise.all([...observed.containers.values()].flat().map((run) => engine.remove(run.state.id)));
    await this.#parts.volumes.tearDown(pod);
    await removeCgroups(cgroupParentOf(pod, machine.cgroupDriver));
    images.forget(pod.metadata.uid ?? '');
  }

  async #forgetInApi(pod: Persisted<Pod>): Promise<void> {
    try {
      const query = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
      await this.#context.client.of(Pod).delete(keyOf(pod), query);
    } catch (error) {
      // Another pod has taken the name: this one is gone already.
      if (!(error instanceof ApiFailure) || error.reason !== 'Conflict') throw error;
    }
  }
}

function graceOf(pod: Pod): Milliseconds {
  return (pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
}

function hasFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function runningOf(observed: ObservedPod): readonly PodContainer[] {
  return [...observed.containers.values()].flat().filter((run) => run.state.status === 'running');
}

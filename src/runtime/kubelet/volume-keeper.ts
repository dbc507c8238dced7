/** Keeps the volumes of a running pod: made once for its containers, then brought up to date when their sources change. */
import type { Milliseconds } from '../../shared/clock.ts';
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import { placeOf } from './container-start.ts';
import { podReference, type KubeletContext } from './kubelet-context.ts';
import { MountRetry } from './mount-retry.ts';
import { PodVolumes } from './pod-volumes.ts';
import type { Sandbox } from './sandbox.ts';
import { VolumeError } from './volumes/volume-type.ts';

const RETRY: Milliseconds = 10_000;

export class VolumeKeeper {
  readonly #context: KubeletContext;
  readonly #volumes: PodVolumes;
  readonly #retry: MountRetry;
  #ready: Promise<ReadonlyMap<string, string>> | undefined;
  #wanted: { readonly pod: Pod; readonly address: string | undefined } | undefined;
  #refreshing: Promise<void> | undefined;
  #renewal: Disposable | undefined;
  #ended = false;

  constructor(context: KubeletContext) {
    this.#context = context;
    this.#volumes = new PodVolumes(context);
    this.#retry = new MountRetry(context.clock);
  }

  /** Volume name -> path. Begins to make them if that has not been done, or has failed. */
  paths(pod: Pod, sandbox: Sandbox): Promise<ReadonlyMap<string, string>> {
    if (this.#ready) return this.#ready;
    const { tooEarly } = this.#retry;
    if (tooEarly) return Promise.reject(tooEarly.error);
    const place = async (needsAddress: boolean): Promise<ReturnType<typeof placeOf>> =>
      placeOf(this.#context, needsAddress ? await sandbox.address : undefined);
    const made = this.#volumes.setUp(pod, place).then(({ paths, renewAfter }) => {
      this.#retry.reset();
      this.#renewAfter(pod, renewAfter);
      return paths;
    });
    this.#ready = made;
    // A failure is told once, however many containers wait for the volumes.
    made.catch((error: unknown) => {
      this.#tell(pod, error);
      if (error instanceof VolumeError) this.#retry.failed(error);
      if (this.#ready === made) this.#ready = undefined;
    });
    return made;
  }

  /** The sandbox has gone: what a volume says of the pod's address has to be made anew. */
  forget(): void {
    this.#ready = undefined;
  }

  /** Brings volumes that follow the API up to date; what was never made is left to its containers. */
  refresh(pod: Pod, address: string | undefined): void {
    this.#retry.reset();
    if (!this.#ready || this.#ended) return;
    this.#wanted = { pod, address };
    this.#refreshing ??= this.#refreshAll().finally(() => (this.#refreshing = undefined));
  }

  /** One after the other, and of several that wait only the last: they write the same files. */
  async #refreshAll(): Promise<void> {
    await this.#ready?.catch(() => undefined);
    for (let next = this.#wanted; next && !this.#ended; next = this.#wanted) {
      this.#wanted = undefined;
      await this.#refreshOnce(next.pod, next.address);
    }
  }

  #refreshOnce(pod: Pod, address: string | undefined): Promise<void> {
    return this.#volumes.refresh(pod, placeOf(this.#context, address)).then(
      (renewAfter) => this.#renewAfter(pod, renewAfter, address),
      (error: unknown) => {
        this.#tell(pod, error);
        if (!(error instanceof VolumeError)) this.#context.onError(error);
        this.#renewAfter(pod, RETRY, address);
      },
    );
  }

  /** No more renewals. */
  end(): void {
    this.#ended = true;
    this.#renewal?.[Symbol.dispose]();
  }

  async tearDown(pod: Pod): Promise<void> {
    this.end();
    await this.#refreshing;
    await this.#volumes.tearDown(pod);
  }

  #renewAfter(pod: Pod, delay: Milliseconds | undefined, address?: string): void {
    this.#renewal?.[Symbol.dispose]();
    if (delay === undefined || this.#ended) return;
    this.#renewal = this.#context.clock.schedule(delay, () => this.refresh(pod, address));
  }

  #tell(pod: Pod, error: unknown): void {
    if (!(error instanceof VolumeError)) return;
    this.#context.record(podReference(pod), 'Warning', 'FailedMount', error.message);
  }
}

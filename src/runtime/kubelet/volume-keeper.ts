/** Keeps the volumes of a running pod: made once for its containers, then brought up to date when their sources change. */
import type { Milliseconds } from '../../shared/clock.ts';
import { deepEqual } from '../../shared/deep.ts';
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
  #sandbox: Sandbox | undefined;
  /** The pod as it was last told of; what is made later is never made from an older one. */
  #pod: Pod | undefined;
  #stale = false;
  /** Two at once would write the same files, and the one that began first could end last. */
  #turn: Promise<unknown> = Promise.resolve();
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
    this.#pod = pod;
    this.#sandbox = sandbox;
    const made = this.#inTurn(() => this.#setUp(this.#pod ?? pod, sandbox));
    this.#ready = made;
    // A failure is told once, however many containers wait for the volumes.
    made.catch((error: unknown) => {
      this.#tell(pod, error);
      if (error instanceof VolumeError) this.#retry.failed(error);
      if (this.#ready === made) this.#ready = undefined;
    });
    return made;
  }

  async #setUp(pod: Pod, sandbox: Sandbox): Promise<ReadonlyMap<string, string>> {
    const { paths, renewAfter } = await this.#volumes.setUp(pod, (needsAddress) => this.#place(sandbox, needsAddress));
    this.#retry.reset();
    this.#renewAfter(renewAfter);
    return paths;
  }

  async #place(sandbox: Sandbox, needsAddress: boolean): Promise<ReturnType<typeof placeOf>> {
    return placeOf(this.#context, needsAddress ? await sandbox.address : undefined);
  }

  /** The sandbox has gone: what a volume says of the pod's address has to be made anew. */
  forget(): void {
    this.#ready = undefined;
  }

  /** The pod as the API has it now: volumes that tell of it are brought up to date. */
  follow(pod: Pod): void {
    if (this.#pod && !sameFields(this.#pod, pod)) this.refresh(pod);
  }

  /** Brings volumes that follow the API up to date; what was never made is left to its containers. */
  refresh(pod: Pod): void {
    this.#retry.reset();
    this.#pod = pod;
    if (!this.#ready || this.#ended || this.#stale) return;
    this.#stale = true;
    this.#inTurn(() => this.#refreshOnce()).catch((error: unknown) => this.#context.onError(error));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #refreshOnce(): Promise<void> {
    // What changes from now on takes another turn.
    this.#stale = false;
    const [pod, sandbox] = [this.#pod, this.#sandbox];
    // Without volumes that are ready there is nothing to refresh: they will be made from the pod as it is then.
    if (!pod || !sandbox || !this.#ready || this.#ended) return;
    try {
      this.#renewAfter(await this.#volumes.refresh(pod, (needsAddress) => this.#place(sandbox, needsAddress)));
    } catch (error) {
      this.#tell(pod, error);
      if (!(error instanceof VolumeError)) this.#context.onError(error);
      this.#renewAfter(RETRY);
    }
  }

  /** No more renewals. */
  end(): void {
    this.#ended = true;
    this.#renewal?.[Symbol.dispose]();
  }

  async tearDown(pod: Pod): Promise<void> {
    this.end();
    await this.#turn;
    await this.#volumes.tearDown(pod);
  }

  #renewAfter(delay: Milliseconds | undefined): void {
    this.#renewal?.[Symbol.dispose]();
    if (delay === undefined || this.#ended) return;
    this.#renewal = this.#context.clock.schedule(delay, () => {
      if (this.#pod) this.refresh(this.#pod);
    });
  }

  #tell(pod: Pod, error: unknown): void {
    if (!(error instanceof VolumeError)) return;
    this.#context.record(podReference(pod), 'Warning', 'FailedMount', error.message);
  }
}

/** Whether a downward API volume says the same of both. */
function sameFields({ metadata: a }: Pod, { metadata: b }: Pod): boolean {
  return a.generation === b.generation && deepEqual(a.labels, b.labels) && deepEqual(a.annotations, b.annotations);
}

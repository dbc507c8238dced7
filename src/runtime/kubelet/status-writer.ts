/** Writes one pod's status: only when it changed, one write at a time, and of several waiting ones only the last. */
import { deepEqual } from '../../shared/deep.ts';
import { keyOf, type Persisted } from '../../types/meta.ts';
import { Pod } from '../../types/kinds/core/pod.ts';
import type { PodCondition, PodStatus } from '../../types/kinds/generated/core-v1.gen.ts';
import { ApiFailure } from '../client/api-client.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { OWN_CONDITIONS } from './pod-status.ts';

const RETRY = 1000;
/** How long news that others follow may wait for them. Upstream's kubelet looks at its containers once a second. */
const HOLD = 500;

export class StatusWriter {
  readonly #context: KubeletContext;
  #pod: Persisted<Pod>;
  #wanted: PodStatus | undefined;
  #written: PodStatus | undefined;
  #writing: Promise<void> | undefined;
  #retry: Disposable | undefined;
  #held: Disposable | undefined;
  #gone = false;

  constructor(context: KubeletContext, pod: Persisted<Pod>) {
    this.#context = context;
    this.#pod = pod;
    this.#written = pod.status;
  }

  /** The object as the API has it now. */
  seen(pod: Persisted<Pod>): void {
    if (Number(pod.metadata.resourceVersion) >= Number(this.#pod.metadata.resourceVersion)) this.#pod = pod;
  }

  write(status: PodStatus): void {
    if (deepEqual(status, this.#wanted ?? this.#written)) return;
    this.#wanted = status;
    if (this.#writing) return;
    if (isMinorNews(this.#written, status)) this.#hold();
    else this.#begin();
  }

  /** Resolves when nothing is being written, or waits to be. */
  async settled(): Promise<void> {
    if (this.#held) this.#begin();
    await this.#writing;
  }

  stop(): void {
    this.#gone = true;
    this.#retry?.[Symbol.dispose]();
    this.#held?.[Symbol.dispose]();
  }

  #begin(): void {
    this.#held?.[Symbol.dispose]();
    this.#held = undefined;
    this.#writing ??= this.#drain();
  }

  /** The containers follow within a moment; their news takes this along in one write. */
  #hold(): void {
    this.#held ??= this.#context.clock.schedule(HOLD, () => {
      if (!this.#gone) this.#begin();
    });
  }

  async #drain(): Promise<void> {
    try {
      // Changes of the same turn become one write.
      await Promise.resolve();
      for (let status = this.#wanted; status && !this.#gone; status = this.#wanted) {
        const done = await this.#send(status);
        if (!done) return this.#later();
        this.#written = status;
        if (this.#wanted === status) this.#wanted = undefined;
        else if (this.#wanted && isMinorNews(status, this.#wanted)) return this.#hold();
      }
    } finally {
      // In the turn of the last look at what is wanted: what comes later begins anew.
      this.#writing = undefined;
    }
  }

  #later(): void {
    this.#retry = this.#context.clock.schedule(RETRY, () => {
      if (this.#wanted && !this.#gone) this.#begin();
    });
  }

  /** False when it has to be tried again. */
  async #send(status: PodStatus): Promise<boolean> {
    const pods = this.#context.client.of(Pod);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        this.seen(await pods.updateStatus({ ...this.#pod, status: this.#merged(status) }));
        return true;
      } catch (error) {
        if (!(error instanceof ApiFailure)) {
          this.#context.onError(error);
          return false;
        }
        if (error.reason === 'NotFound') return true;
        if (error.reason !== 'Conflict') {
          this.#context.onError(error);
          return error.code < 500 && error.code !== 429;
        }
        const fresh = await pods.get(keyOf(this.#pod));
        // Another pod of the same name: this one's status has no place any more.
        if (!fresh || fresh.metadata.uid !== this.#pod.metadata.uid) return true;
        this.#pod = fresh;
      }
    }
    return false;
  }

  /** Conditions of other writers are kept as they are now. */
  #merged(status: PodStatus): PodStatus {
    const own = new Set(OWN_CONDITIONS);
    const mine = (status.conditions ?? []).filter((condition) => own.has(condition.type));
    const others = (this.#pod.status?.conditions ?? []).filter((condition) => !own.has(condition.type));
    const scheduled = this.#pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
    const conditions = mine.map((condition) =>
      condition.type === 'PodScheduled' && scheduled ? { ...condition, ...scheduled, ...seenAt(condition) } : condition,
    );
    return { ...status, conditions: [...conditions, ...others] };
  }
}

/** The kubelet has seen the pod later than who scheduled it (KEP-5067). */
function seenAt({ observedGeneration }: PodCondition): Partial<PodCondition> {
  return observedGeneration === undefined ? {} : { observedGeneration };
}

/** A change that others follow: a sandbox gets its containers, and what a new generation asks for is about to be done. */
function isMinorNews(written: PodStatus | undefined, next: PodStatus): boolean {
  return isSandboxNews(written, next) || isGenerationNews(written, next);
}

/** Whether all that is new is that the pod's latest spec has been seen. */
function isGenerationNews(written: PodStatus | undefined, next: PodStatus): boolean {
  return written?.observedGeneration !== undefined && deepEqual(withoutGeneration(written), withoutGeneration(next));
}

function withoutGeneration({ observedGeneration: _, conditions, ...rest }: PodStatus): unknown {
  return { ...rest, conditions: conditions?.map(({ observedGeneration: __, ...condition }) => condition) };
}

/** Whether all that is new is that the sandbox of a starting pod has its network. */
function isSandboxNews(written: PodStatus | undefined, next: PodStatus): boolean {
  return (
    written?.phase === 'Pending' &&
    written.podIP === undefined &&
    next.podIP !== undefined &&
    deepEqual(withoutSandbox(written), withoutSandbox(next))
  );
}

function withoutSandbox({ podIP: _, podIPs: __, conditions, ...rest }: PodStatus): unknown {
  return { ...rest, conditions: conditions?.filter(({ type }) => type !== 'PodReadyToStartContainers') };
}

/** The pod as the API has it, with the status that was last made for it: the API's copy may lag behind, but others' conditions are as it has them. */
export function withOwnStatus(pod: Persisted<Pod>, status: Pod['status']): Persisted<Pod> {
  if (!status) return pod;
  const own = (status.conditions ?? []).filter(({ type }) => OWN_CONDITIONS.includes(type));
  const types = new Set(own.map(({ type }) => type));
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !types.has(type));
  return { ...pod, status: { ...pod.status, ...status, conditions: [...own, ...others] } };
}

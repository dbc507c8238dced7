/** Creates, deletes and lets go the pods of jobs, and remembers what the local copy does not show yet. */
import { Pod } from '../../../types/kinds/core/pod.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { InformerEvent } from '../../client/informer.ts';
import type { ControllerContext } from '../framework/controller.ts';
import { Expectations } from '../framework/expectations.ts';
import { isNamespaceTerminating } from '../framework/namespace-terminating.ts';
import { controllerOf } from '../framework/ownership.ts';
import { isPodReady } from '../framework/pod-state.ts';
import { slowStart } from '../framework/slow-start.ts';
import { isTracked, trackingFinalizer } from './job-pods.ts';
import { newPod } from './new-pod.ts';

export interface Created {
  readonly count: number;
  readonly failure: unknown;
}

export interface Deleted {
  readonly count: number;
  readonly ready: number;
  readonly failure: unknown;
}

export class PodControl {
  readonly #context: ControllerContext;
  readonly #expectations: Expectations;
  readonly #released = new Set<string>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#expectations = new Expectations(context.clock);
    context.use(context.informers.of(Pod).subscribe((event) => this.#observe(event)));
  }

  /** Uids of pods whose finalizer was taken off, which the local copy does not show yet. */
  get released(): ReadonlySet<string> {
    return this.#released;
  }

  /** Whether the local copy shows all that was created and deleted for the job of that key. */
  isCurrent(key: string): boolean {
    return this.#expectations.satisfied(key);
  }

  forget(key: string): void {
    this.#expectations.forget(key);
  }

  /** @param indexes one entry per pod; undefined where the job has no indexes */
  async create(
    job: Persisted<Job>,
    indexes: readonly (number | undefined)[],
    predecessors: ReadonlyMap<number, Pod>,
  ): Promise<Created> {
    const key = keyText(keyOf(job));
    const { client, event } = this.#context;
    this.#expectations.expectCreations(key, indexes.length);
    const { started, succeeded, failure } = await slowStart(indexes.length, async (i) => {
      const index = indexes[i];
      try {
        const pod = newPod(job, index, index === undefined ? undefined : predecessors.get(index));
        const created = await client.of(Pod).create(pod);
        event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      } catch (error) {
        this.#expectations.creationObserved(key);
        if (!isNamespaceTerminating(error)) {
          event(job, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
        }
        throw error;
      }
    });
    for (let skipped = started; skipped < indexes.length; skipped += 1) this.#expectations.creationObserved(key);
    // Nothing can be created in a namespace that is going away, and the job is going with it.
    return { count: succeeded, failure: isNamespaceTerminating(failure) ? undefined : failure };
  }

  /** Deletes pods that are too many: they are let go first, so that they are gone as soon as they have ended. */
  async remove(job: Persisted<Job>, pods: readonly Persisted<Pod>[]): Promise<Deleted> {
    const key = keyText(keyOf(job));
    this.#expectations.expectDeletions(
      key,
      pods.map((pod) => pod.metadata.uid),
    );
    return this.#deleteEach(pods, async (pod) => {
      try {
        await this.#takeFinalizerOff(pod);
        const found = await this.#delete(job, pod);
        if (!found) this.#expectations.deletionObserved(key, pod.metadata.uid);
      } catch (error) {
        this.#expectations.deletionObserved(key, pod.metadata.uid);
        throw error;
      }
    });
  }

  /** Deletes the pods of a job that ends; they stay until they are counted. */
  end(job: Persisted<Job>, pods: readonly Persisted<Pod>[]): Promise<Deleted> {
    return this.#deleteEach(pods, (pod) => this.#delete(job, pod));
  }

  /** Takes the finalizer off. Returns the uids of the pods that are free of it now, and the first failure. */
  async release(
    pods: readonly Persisted<Pod>[],
  ): Promise<{ readonly uids: ReadonlySet<string>; readonly failure: unknown }> {
    const results = await Promise.allSettled(pods.map((pod) => this.#takeFinalizerOff(pod)));
    const uids = pods.filter((_, i) => results[i]?.status === 'fulfilled').map((pod) => pod.metadata.uid);
    return { uids: new Set(uids), failure: results.find((result) => result.status === 'rejected')?.reason };
  }

  #observe({ type, object: pod, previous }: InformerEvent<Pod>): void {
    const { uid, namespace = '' } = pod.metadata;
    if (type === 'delete' || !isTracked(pod)) this.#released.delete(uid);
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return;
    const key = keyText({ namespace, name: owner.name });
    const leaving = pod.metadata.deletionTimestamp !== undefined;
    if (type === 'delete' || (leaving && previous?.metadata.deletionTimestamp === undefined)) {
      this.#expectations.deletionObserved(key, uid);
    } else if (type === 'add') {
      this.#expectations.creationObserved(key);
    }
  }

  async #deleteEach(
    pods: readonly Persisted<Pod>[],
    deleteOne: (pod: Persisted<Pod>) => Promise<unknown>,
  ): Promise<Deleted> {
    const results = await Promise.allSettled(pods.map(deleteOne));
    const deleted = pods.filter((_, i) => results[i]?.status === 'fulfilled');
    return {
      count: deleted.length,
      ready: deleted.filter(isPodReady).length,
      failure: results.find((result) => result.status === 'rejected')?.reason,
    };
  }

  /** Whether the pod was there to be deleted. */
  async #delete(job: Persisted<Job>, pod: Persisted<Pod>): Promise<boolean> {
    const { client, event } = this.#context;
    try {
      const answer = await client.of(Pod).delete(keyOf(pod), { preconditions: { uid: pod.metadata.uid } });
      if (answer === undefined) return false;
      event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      return true;
    } catch (error) {
      // Replaced by another pod of that name: the one that was meant is gone.
      if (isFailure(error, 'Conflict')) return false;
      event(job, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  }

  async #takeFinalizerOff(pod: Persisted<Pod>): Promise<void> {
    const { uid } = pod.metadata;
    if (!isTracked(pod) || this.#released.has(uid)) return;
    // Before the answer, which may come after the watch has told of it.
    this.#released.add(uid);
    const patch = { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } };
    try {
      await this.#context.client.of(Pod).patch(keyOf(pod), { type: 'strategic', patch });
    } catch (error) {
      this.#released.delete(uid);
      // Gone, or another pod by now: nothing is left to be let go.
      if (!isFailure(error, 'NotFound', 'Invalid', 'Conflict')) throw error;
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

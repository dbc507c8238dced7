/** Creates and deletes the pods of an owner, and tells of it in upstream's words (pkg/controller RealPodControl). */
import { Pod } from '../../../types/kinds/core/pod.ts';
import { keyOf } from '../../../types/meta.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { ControllerContext } from './controller.ts';
import type { Expectations } from './expectations.ts';
import { isNamespaceTerminating } from './namespace-terminating.ts';
import { slowStart } from './slow-start.ts';

export class PodControl {
  readonly #context: ControllerContext;
  readonly #expectations: Expectations;

  /** @param expectations what is asked for here is awaited there already; what does not come about is taken back */
  constructor(context: ControllerContext, expectations: Expectations) {
    this.#context = context;
    this.#expectations = expectations;
  }

  /**
   * Returns the error that kept it from creating all of them.
   * @param key of the expectations
   */
  async create(owner: Persisted, key: string, count: number, podAt: (index: number) => Pod): Promise<unknown> {
    const { client, event } = this.#context;
    const { started, failure } = await slowStart(count, async (i) => {
      try {
        const created = await client.of(Pod).create(podAt(i));
        event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      } catch (error) {
        this.#expectations.creationObserved(key);
        if (!isNamespaceTerminating(error))
          event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
        throw error;
      }
    });
    for (let skipped = started; skipped < count; skipped += 1) this.#expectations.creationObserved(key);
    // Nothing can be created in a namespace that is going away, and the owner is going with it.
    return isNamespaceTerminating(failure) ? undefined : failure;
  }

  async delete(owner: Persisted, key: string, pods: readonly Persisted<Pod>[]): Promise<unknown> {
    const { client, event } = this.#context;
    const results = await Promise.allSettled(
      pods.map(async (pod) => {
        const { name, uid } = pod.metadata;
        try {
          const answer = await client.of(Pod).delete(keyOf(pod), { preconditions: { uid } });
          if (answer === undefined) this.#expectations.deletionObserved(key, uid);
          else event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
        } catch (error) {
          this.#expectations.deletionObserved(key, uid);
          // Replaced by another pod of that name: the one that was meant is gone.
          if (isFailure(error, 'Conflict')) return;
          event(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
          throw error;
        }
      }),
    );
    return results.find((result) => result.status === 'rejected')?.reason;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

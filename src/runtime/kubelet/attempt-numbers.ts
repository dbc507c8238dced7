/** Which run of a container comes next, where the engine may have lost the former ones. */
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ObservedPod, PodContainer } from './pod-containers.ts';

/** Stands for the sandbox where container names are keys; no container can be called so. */
export const SANDBOX = 'POD';

export class AttemptNumbers {
  readonly #next = new Map<string, number>();

  get next(): ReadonlyMap<string, number> {
    return this.#next;
  }

  /** @param status what the API has of the pod: asked only where the engine knows nothing */
  learn(observed: ObservedPod, status: Pod['status']): void {
    this.#seen(SANDBOX, observed.sandboxes[0]);
    for (const [name, runs] of observed.containers) this.#seen(name, runs[0]);
    if (observed.containers.size > 0) return;
    const { containerStatuses = [], initContainerStatuses = [] } = status ?? {};
    for (const { name, containerID, restartCount } of [...containerStatuses, ...initContainerStatuses]) {
      if (containerID) this.#atLeast(name, restartCount + 1);
    }
  }

  #seen(name: string, newest: PodContainer | undefined): void {
    if (newest) this.#atLeast(name, newest.attempt + 1);
  }

  #atLeast(name: string, attempt: number): void {
    this.#next.set(name, Math.max(this.#next.get(name) ?? 0, attempt));
  }
}

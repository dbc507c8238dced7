/** Remembers what a pod's containers may use, and brings those that run up to it (KEP-1287). */
import type { Persisted } from '../../types/meta.ts';
import type { Pod } from '../../types/kinds/core/pod.ts';
import type { ContainerEngine, ContainerId } from '../engine/container-engine.ts';
import { limitsOf, limitsText } from './container-limits.ts';
import type { ResizeAction } from './pod-plan.ts';
import {
  formerGrants,
  granted,
  sameGrants,
  wantedGrants,
  type Grants,
  type ResizeProgress,
  type ResizeRefusal,
} from './pod-resize.ts';

/** Undefined when the node has what the pod asks for. */
export type JudgeResize = (pod: Persisted<Pod>) => ResizeRefusal | undefined;

export class PodGrants {
  readonly #engine: ContainerEngine;
  readonly #judge: JudgeResize;
  readonly #applied = new Map<ContainerId, string>();
  readonly #failures = new Map<string, string>();
  #grants: Grants;
  #refusal: ResizeRefusal | undefined;

  constructor(pod: Pod, engine: ContainerEngine, judge: JudgeResize) {
    this.#engine = engine;
    this.#judge = judge;
    this.#grants = formerGrants(pod);
  }

  get progress(): ResizeProgress {
    return { refusal: this.#refusal, applied: this.#applied, failure: [...this.#failures.values()][0] };
  }

  /** The pod within what was granted until now. */
  within(pod: Persisted<Pod>): Persisted<Pod> {
    return granted(pod, this.#grants);
  }

  /** Grants what it asks for anew if the node can. */
  review(pod: Persisted<Pod>): void {
    const wanted = wantedGrants(pod);
    this.#refusal = sameGrants(wanted, this.#grants) ? undefined : this.#judge(pod);
    if (!this.#refusal) this.#grants = wanted;
  }

  /** @throws EngineError */
  async apply({ container, target }: ResizeAction): Promise<void> {
    const limits = limitsOf(container);
    try {
      await this.#engine.update(target.state.id, limits);
    } catch (error) {
      this.#failures.set(container.name, error instanceof Error ? error.message : String(error));
      throw error;
    }
    this.#failures.delete(container.name);
    this.#applied.set(target.state.id, limitsText(limits));
  }
}

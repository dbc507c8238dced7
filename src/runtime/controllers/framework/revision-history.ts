/** Keeps the ControllerRevisions of StatefulSets and DaemonSets. */
import type { KindDefinition } from '../../../types/define-kind.ts';
import { ControllerRevision } from '../../../types/kinds/apps/controller-revision.ts';
import type { PodTemplateSpec } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { LabelSelector } from '../../../types/kinds/generated/meta-v1.gen.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import { keyOf } from '../../../types/meta.ts';
import type { KubeObject, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informer } from '../../client/informer.ts';
import type { ControllerContext } from './controller.ts';
import { claim, isControlledBy, planClaim } from './ownership.ts';
import { holdsTemplate, newRevision, planRevision } from './revision-plan.ts';

/** What the kinds that keep revisions have in common. */
export interface RevisionedSet extends KubeObject {
  readonly spec?:
    { readonly selector?: LabelSelector | undefined; readonly template?: PodTemplateSpec | undefined } | undefined;
  readonly status?: { readonly collisionCount?: number | undefined } | undefined;
}

export interface PresentRevision {
  /** All that the set controls, oldest first. */
  readonly revisions: readonly Persisted<ControllerRevision>[];
  /** That of the set's present template. */
  readonly present: Persisted<ControllerRevision>;
  /** For the set's status: how often the hash of a new template was taken already. */
  readonly collisionCount: number;
}

export class RevisionHistory<T extends RevisionedSet> {
  readonly #kind: KindDefinition<T>;
  readonly #context: ControllerContext;
  readonly #hashLabel: string;
  readonly #revisions: Informer<ControllerRevision>;

  /** @param hashLabel the label that a revision's hash stands in */
  constructor(kind: KindDefinition<T>, context: ControllerContext, hashLabel: string) {
    this.#kind = kind;
    this.#context = context;
    this.#hashLabel = hashLabel;
    this.#revisions = context.informers.of(ControllerRevision);
  }

  /** The history with the present template in it, as the newest revision; what is missing is written. */
  async bringUpToDate(set: Persisted<T>): Promise<PresentRevision> {
    const plan = planRevision(set.spec?.template, await this.#claimed(set));
    const collisionCount = set.status?.collisionCount ?? 0;
    if (!plan.present) return this.#create(set, plan.number, plan.revisions, collisionCount);
    if (plan.present.revision === plan.number) {
      return { revisions: plan.revisions, present: plan.present, collisionCount };
    }
    const present = await this.#context.client
      .of(ControllerRevision)
      .update({ ...plan.present, revision: plan.number });
    const others = plan.revisions.filter((revision) => revision !== plan.present);
    return { revisions: [...others, present], present, collisionCount };
  }

  async remove(revisions: readonly Persisted<ControllerRevision>[]): Promise<void> {
    const client = this.#context.client.of(ControllerRevision);
    for (const revision of revisions) {
      await client.delete(keyOf(revision), { preconditions: { uid: revision.metadata.uid } });
    }
  }

  #claimed(set: Persisted<T>): Promise<readonly Persisted<ControllerRevision>[]> {
    const plan = planClaim(set, this.#revisions.list(set.metadata.namespace), (revision) =>
      matchesLabelSelector(set.spec?.selector, revision.metadata.labels),
    );
    return claim(this.#context.client, this.#kind, set, ControllerRevision, plan);
  }

  async #create(
    set: Persisted<T>,
    number: number,
    older: readonly Persisted<ControllerRevision>[],
    known: number,
  ): Promise<PresentRevision> {
    const client = this.#context.client.of(ControllerRevision);
    for (let collisionCount = known; ; collisionCount += 1) {
      const wanted = newRevision(set, set.spec?.template, number, this.#hashLabel, collisionCount);
      try {
        const present = await client.create(wanted);
        return { revisions: [...older, present], present, collisionCount };
      } catch (error) {
        if (!isFailure(error, 'AlreadyExists')) throw error;
      }
      const existing = await client.get(keyOf(wanted));
      // Our own creation that the local copy lags behind; else the hash is taken, and a salted one is tried.
      if (existing && isControlledBy(existing, set) && holdsTemplate(existing, set.spec?.template)) {
        return { revisions: [...older, existing], present: existing, collisionCount };
      }
    }
  }
}

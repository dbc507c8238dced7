/** Carries a slice plan out, and remembers creations until the local copy shows them. */
import type { Clock } from '../../../shared/clock.ts';
import { EndpointSlice } from '../../../types/kinds/discovery/endpoint-slice.ts';
import { keyOf } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { ApiClient } from '../../client/api-client.ts';
import type { InformerEvent } from '../../client/informer.ts';
import { Expectations } from '../framework/expectations.ts';
import { isNamespaceTerminating } from '../framework/namespace-terminating.ts';
import { controllerOf } from '../framework/ownership.ts';
import type { SlicePlan } from './plan.ts';

export class SliceWriter {
  readonly #client: ApiClient;
  readonly #expectations: Expectations;

  constructor(client: ApiClient, clock: Clock) {
    this.#client = client;
    this.#expectations = new Expectations(clock);
  }

  /** Slices have random names, so that acting on a copy that is behind would make a second set of them. */
  isCurrent(ownerUid: string): boolean {
    return this.#expectations.satisfied(ownerUid);
  }

  observe({ type, object }: InformerEvent<EndpointSlice>): void {
    const owner = controllerOf(object)?.uid;
    if (owner !== undefined && type === 'add') this.#expectations.creationObserved(owner);
  }

  async write(ownerUid: string, plan: SlicePlan): Promise<void> {
    const slices = this.#client.of(EndpointSlice);
    if (plan.create.length > 0) this.#expectations.expectCreations(ownerUid, plan.create.length);
    const creations = plan.create.map(async (slice) => {
      try {
        await slices.create(slice);
      } catch (error) {
        this.#expectations.creationObserved(ownerUid);
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
    const updates = plan.update.map(async (slice) => {
      try {
        await slices.update(slice);
      } catch (error) {
        if (!isFailure(error, 'NotFound')) throw error;
      }
    });
    const removals = plan.remove.map((slice) =>
      slices.delete(keyOf(slice), { preconditions: { uid: slice.metadata.uid } }),
    );
    const results = await Promise.allSettled([...creations, ...updates, ...removals]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/** Deletes jobs some time after they have finished (KEP-592). */
import { Job } from '../../../types/kinds/batch/job.ts';
import { isFailure } from '../../client/answers.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { untilExpiry } from './plan.ts';

export const ttlAfterFinishedController: Controller<Job> = {
  name: 'ttl-after-finished-controller',
  kind: Job,
  reconciler,
};

function reconciler({ client, informers, clock }: ControllerContext): Reconcile {
  const jobs = informers.of(Job);
  return async (key) => {
    const known = jobs.get(key);
    const delay = known && untilExpiry(known, clock.now());
    if (delay === undefined) return;
    if (delay > 0) return { requeueAfter: delay };
    // The local copy may be behind a change of the time to live.
    const job = await client.of(Job).get(key);
    const left = job && untilExpiry(job, clock.now());
    if (!job || left === undefined) return;
    if (left > 0) return { requeueAfter: left };
    const { uid, resourceVersion } = job.metadata;
    try {
      const preconditions = { uid, resourceVersion };
      await client.of(Job).delete(key, { preconditions, propagationPolicy: 'Foreground' });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
    return;
  };
}

/** Runs pods until enough of them have succeeded. */
import { deepEqual } from '../../../shared/deep.ts';
import type { Milliseconds } from '../../../shared/clock.ts';
import type { JobStatus } from '../../../types/kinds/generated/batch-v1.gen.ts';
import { Job } from '../../../types/kinds/batch/job.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Index, Informer, Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { claim, controllerOf, planClaim } from '../framework/ownership.ts';
import { OwnWrites } from '../framework/own-writes.ts';
import { noBackOff } from './back-off.ts';
import type { BackOff } from './back-off.ts';
import { isTracked, trackingFinalizer } from './job-pods.ts';
import { completion, isFinished, isSuspended, planJob } from './plan.ts';
import type { JobPlan, Verdict } from './plan.ts';
import { PodControl } from './pod-control.ts';
import { countReleased, finished, notePods, started, withSuspension, withVerdict } from './status.ts';
import type { PodCounts } from './status.ts';
import { surveyPods } from './survey.ts';
import type { Survey } from './survey.ts';

/** The value of spec.managedBy that means this controller (KEP-4368). */
const ownName = 'kubernetes.io/job-controller';

export const jobController: Controller<Job> = {
  name: 'job-controller',
  kind: Job,
  owns: [Pod],
  alsoWatches: [{ kind: Pod, concerns: concernedByOrphan }],
  reconciler: (context) => new JobReconciler(context).reconcile,
};

/** Key under which pods that no controller owns are let go. */
function strayKey(namespace: string): ObjectKey {
  return { namespace, name: '' };
}

/** Jobs that select a pod without a controller; and if the pod is still held for some job, that is to be seen to. */
function* concernedByOrphan(pod: Persisted, informers: Informers): Iterable<ObjectKey> {
  if (controllerOf(pod)) return;
  const { namespace = '', labels, finalizers, deletionTimestamp } = pod.metadata;
  if (finalizers?.includes(trackingFinalizer)) yield strayKey(namespace);
  if (deletionTimestamp !== undefined) return;
  for (const job of informers.of(Job).list(namespace)) {
    if (matchesLabelSelector(job.spec?.selector, labels)) yield keyOf(job);
  }
}

/** Pods that are held for a job, by the job's key. */
const byHolder: Index<Pod> = {
  name: 'batch.kubernetes.io/job-tracking',
  values(pod) {
    if (!isTracked(pod)) return [];
    const owner = controllerOf(pod);
    const { namespace = '' } = pod.metadata;
    if (!owner) return [keyText(strayKey(namespace))];
    return owner.kind === 'Job' ? [keyText({ namespace, name: owner.name })] : [];
  },
};

interface Acted extends PodCounts {
  /** Whether all that the plan asks for has been done. */
  readonly complete: boolean;
  readonly failure: unknown;
}

class JobReconciler {
  readonly #context: ControllerContext;
  readonly #pods: Informer<Pod>;
  readonly #control: PodControl;
  readonly #backOffs = new Map<string, BackOff>();
  /** What was last written: the local copy may still be behind it, and pods would be counted by an old status. */
  readonly #written: OwnWrites<Job>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#written = new OwnWrites(context.informers.of(Job));
    this.#pods = context.informers.of(Pod);
    this.#control = new PodControl(context);
  }

  readonly reconcile: Reconcile = async (key): Promise<Outcome> => {
    const job = this.#written.newest(key);
    if (job && isManagedElsewhere(job)) return {};
    if (!job || isFinished(job)) {
      this.#backOffs.delete(keyText(key));
      if (!job) this.#control.forget(keyText(key));
      await this.#releaseLeftovers(key, undefined);
      return {};
    }
    await this.#releaseLeftovers(key, job.metadata.uid);
    return this.#sync(job);
  };

  async #sync(job: Persisted<Job>): Promise<Outcome> {
    const key = keyText(keyOf(job));
    // Asked before the pods are read: a creation seen in between must not be missing from them.
    const mayManage = this.#control.isCurrent(key);
    const survey = surveyPods({
      job,
      pods: await this.#claimed(job),
      released: this.#control.released,
      backOff: this.#backOffs.get(key) ?? noBackOff,
    });
    const plan = planJob(survey, mayManage, this.#context.clock.now());
    const acted = await this.#act(survey, plan);
    await this.#track(survey, verdictAfter(survey, plan, acted, mayManage), acted, mayManage);
    if (acted.failure !== undefined) throw acted.failure;
    return requeue(plan.requeueAfter);
  }

  /** Pods that are held for a job that will not count them: it is gone, finished, or only has the same name. */
  async #releaseLeftovers(key: ObjectKey, uid: string | undefined): Promise<void> {
    const held = this.#pods.indexed(byHolder, keyText(key));
    const { failure } = await this.#control.release(
      held.filter((pod) => uid === undefined || controllerOf(pod)?.uid !== uid),
    );
    if (failure !== undefined) throw failure;
  }

  #claimed(job: Persisted<Job>): Promise<readonly Persisted<Pod>[]> {
    const plan = planClaim(job, this.#pods.list(job.metadata.namespace), (pod) =>
      matchesLabelSelector(job.spec?.selector, pod.metadata.labels),
    );
    return claim(this.#context.client, Job, job, Pod, plan, trackingFinalizer);
  }

  async #act(survey: Survey, plan: JobPlan): Promise<Acted> {
    const { job, active, ready, terminating } = survey;
    const doomed = plan.verdict ? plan.end : plan.remove;
    if (doomed.length > 0) {
      const deleted = plan.verdict ? await this.#control.end(job, doomed) : await this.#control.remove(job, doomed);
      return {
        active: active.length - deleted.count,
        ready: ready - deleted.ready,
        terminating: terminating + deleted.count,
        complete: deleted.count === doomed.length,
        failure: deleted.failure,
      };
    }
    const unchanged = { ready, terminating, complete: true };
    if (plan.create.length === 0) return { ...unchanged, active: active.length, failure: undefined };
    const { count, failure } = await this.#control.create(job, plan.create, survey.awaitingSuccessor);
    return { ...unchanged, active: active.length + count, failure };
  }

  async #track(survey: Survey, verdict: Verdict | undefined, counts: Acted, managed: boolean): Promise<void> {
    const { clock, event } = this.#context;
    const { job } = survey;
    const now = clock.now();
    const { active, ready, terminating } = counts;
    const noted = notePods(survey, verdict, { active, ready, terminating });
    let status = isSuspended(job) ? noted.status : started(noted.status, now);
    const suspension = !verdict && managed && job.metadata.deletionTimestamp === undefined;
    const changed = suspension ? withSuspension(survey, status, now) : { status, event: undefined };
    status = verdict ? withVerdict(changed.status, verdict, now) : changed.status;
    const first = await this.#write(job, status);
    if (!first) return;
    this.#backOffs.set(keyText(keyOf(job)), survey.backOff);
    if (changed.event) event(job, 'Normal', changed.event, `Job ${changed.event.toLowerCase()}`);
    const { uids, failure } = await this.#control.release(noted.release);
    const held = survey.tracked.map((pod) => pod.metadata.uid).filter((uid) => !uids.has(uid));
    const counted = countReleased(first.status ?? {}, new Set(held));
    const end = verdict && noted.all ? finished(counted, verdict, now) : undefined;
    const last = await this.#write(first, end ?? counted);
    if (last && verdict && end) this.#tellEnd(last, verdict);
    if (failure !== undefined) throw failure;
  }

  /** Undefined when the job is gone. */
  async #write(job: Persisted<Job>, status: JobStatus): Promise<Persisted<Job> | undefined> {
    if (deepEqual(job.status, status)) return job;
    try {
      const written = await this.#context.client.of(Job).updateStatus({ ...job, status });
      this.#written.remember(written);
      return written;
    } catch (error) {
      if (isFailure(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #tellEnd(job: Persisted<Job>, verdict: Verdict): void {
    const { event } = this.#context;
    if (verdict.type === 'FailureTarget') {
      event(job, 'Warning', verdict.reason, verdict.message);
      return;
    }
    const { completions } = job.spec ?? {};
    if (completions !== undefined && (job.status?.succeeded ?? 0) > completions) {
      const text = 'Too many succeeded pods running after completion count reached';
      event(job, 'Warning', 'TooManySucceededPods', text);
    }
    event(job, 'Normal', 'Completed', 'Job completed');
  }
}

function isManagedElsewhere({ spec }: Job): boolean {
  return spec?.managedBy !== undefined && spec.managedBy !== ownName;
}

/** A job is not at its end while a pod could not be deleted, or one may be there that the local copy does not show. */
function verdictAfter(survey: Survey, plan: JobPlan, acted: Acted, mayManage: boolean): Verdict | undefined {
  if (!mayManage || !acted.complete) return undefined;
  return plan.verdict ?? completion(survey, acted.active);
}

function requeue(after: Milliseconds | undefined): Outcome {
  return after === undefined ? {} : { requeueAfter: after };
}

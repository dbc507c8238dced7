/** When an object counts as ready, and why it is not yet. Pure. */
import type { KubeObject } from '../../types/meta.ts';
import type { DaemonSet } from '../../types/kinds/apps/daemon-set.ts';
import type { Deployment } from '../../types/kinds/apps/deployment.ts';
import type { ReplicaSet } from '../../types/kinds/apps/replica-set.ts';
import type { StatefulSet } from '../../types/kinds/apps/stateful-set.ts';
import type { CronJob } from '../../types/kinds/batch/cron-job.ts';
import type { Job } from '../../types/kinds/batch/job.ts';
import type { JobCondition } from '../../types/kinds/generated/batch-v1.gen.ts';
import type { PersistentVolumeClaim } from '../../types/kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../../types/kinds/core/pod.ts';

export interface Readiness {
  readonly state: 'ready' | 'waiting' | 'failed';
  /** `2 of 3 available`. */
  readonly detail: string;
}

const ready = (detail: string): Readiness => ({ state: 'ready', detail });
const waiting = (detail: string): Readiness => ({ state: 'waiting', detail });
const failed = (detail: string): Readiness => ({ state: 'failed', detail });

interface Observed {
  readonly metadata: { readonly generation?: number | undefined };
  readonly status?: { readonly observedGeneration?: number | undefined } | undefined;
}
function isObserved({ metadata, status }: Observed): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

function deploymentReadiness(object: Deployment): Readiness {
  const { status } = object;
  const desired = object.spec?.replicas ?? 1;
  if (!isObserved(object)) return waiting('not seen by its controller yet');
  const progressing = status?.conditions?.find((condition) => condition.type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return failed(progressing.message ?? 'its progress deadline is exceeded');
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status ?? {};
  if (updatedReplicas < desired) return waiting(`${updatedReplicas} of ${desired} updated`);
  if (replicas > updatedReplicas) return waiting(`${replicas - updatedReplicas} old still to stop`);
  if (availableReplicas < desired) return waiting(`${availableReplicas} of ${desired} available`);
  return ready(`${availableReplicas} of ${desired} available`);
}

function replicaSetReadiness(object: ReplicaSet): Readiness {
  const desired = object.spec?.replicas ?? 1;
  const available = object.status?.availableReplicas ?? 0;
  const detail = `${available} of ${desired} available`;
  return isObserved(object) && available >= desired ? ready(detail) : waiting(detail);
}

function statefulSetReadiness(object: StatefulSet): Readiness {
  const { spec, status } = object;
  const desired = spec?.replicas ?? 1;
  if (!isObserved(object)) return waiting('not seen by its controller yet');
  const { availableReplicas = 0, readyReplicas = 0, updatedReplicas = 0, replicas = 0 } = status ?? {};
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  const rolls = type !== 'OnDelete' && status?.updateRevision !== status?.currentRevision;
  // Those below the partition stay as they are.
  const toUpdate = Math.max(0, desired - (rollingUpdate?.partition ?? 0));
  if (rolls && updatedReplicas < toUpdate) return waiting(`${updatedReplicas} of ${toUpdate} updated`);
  if (replicas > desired) return waiting(`${replicas - desired} still to stop`);
  const available = Math.min(availableReplicas, readyReplicas);
  if (available < desired) return waiting(`${available} of ${desired} available`);
  return ready(`${available} of ${desired} available`);
}

function daemonSetReadiness(object: DaemonSet): Readiness {
  if (!isObserved(object)) return waiting('not seen by its controller yet');
  const { desiredNumberScheduled = 0, numberAvailable = 0, updatedNumberScheduled = 0 } = object.status ?? {};
  if (object.spec?.updateStrategy?.type !== 'OnDelete' && updatedNumberScheduled < desiredNumberScheduled)
    return waiting(`${updatedNumberScheduled} of ${desiredNumberScheduled} updated`);
  const detail = `${numberAvailable} of ${desiredNumberScheduled} available`;
  return numberAvailable >= desiredNumberScheduled ? ready(detail) : waiting(detail);
}

function podReadiness({ status }: Pod): Readiness {
  if (status?.phase === 'Succeeded') return ready('completed');
  if (status?.phase === 'Failed') return failed(status.message ?? status.reason ?? 'its containers failed');
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  return condition?.status === 'True' ? ready('ready') : waiting(condition?.message ?? 'not ready yet');
}

function jobReadiness({ spec, status }: Job): Readiness {
  const is = (type: string): JobCondition | undefined =>
    status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
  // What ends a job is known before its last pod has ended, whose log tells why.
  const failure = is('Failed') ?? is('FailureTarget');
  if (failure) return failed(failure.message ?? failure.reason ?? 'it failed');
  const { completions = 1, suspend } = spec ?? {};
  const detail = `${status?.succeeded ?? 0} of ${completions} completed`;
  if (is('Complete')) return ready(detail);
  if (suspend === true) return ready('suspended');
  const retries = status?.failed ?? 0;
  return waiting(retries === 0 ? detail : `${detail}, ${retries} failed`);
}

/** It has done its part when it is there; its jobs come and go. */
function cronJobReadiness({ spec }: CronJob): Readiness {
  return ready(spec.suspend === true ? 'suspended' : `scheduled ${spec.schedule}`);
}

function claimReadiness({ status }: PersistentVolumeClaim): Readiness {
  // A claim that waits for its first consumer is as ready as it can be by itself.
  return status?.phase === 'Lost' ? failed('its volume is lost') : ready(status?.phase ?? 'Pending');
}

/** Kinds that become ready some time after they exist. */
interface Assessors {
  readonly [typeName: string]: { assess(object: KubeObject): Readiness } | undefined;
}
/** The definition's name vouches for the type: the table is keyed by it. */
function assessor<T extends KubeObject>(assess: (object: T) => Readiness): { assess(object: T): Readiness } {
  return { assess };
}
const assessors: Assessors = {
  'apps/v1.Deployment': assessor(deploymentReadiness),
  'apps/v1.ReplicaSet': assessor(replicaSetReadiness),
  'apps/v1.StatefulSet': assessor(statefulSetReadiness),
  'apps/v1.DaemonSet': assessor(daemonSetReadiness),
  'v1.Pod': assessor(podReadiness),
  'batch/v1.CronJob': assessor(cronJobReadiness),
  'batch/v1.Job': assessor(jobReadiness),
  'v1.PersistentVolumeClaim': assessor(claimReadiness),
};

export function readinessOf(object: KubeObject): Readiness {
  return assessors[`${object.apiVersion}.${object.kind}`]?.assess(object) ?? ready('');
}

/** Whether an object of this kind has to be watched for its readiness at all. */
export function becomesReadyLater(object: KubeObject): boolean {
  return assessors[`${object.apiVersion}.${object.kind}`] !== undefined;
}

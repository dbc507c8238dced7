/** A control plane with a clock to turn, whose pods the test ends by hand. */
import { builtInControllers } from '../../../../src/runtime/controllers/index.ts';
import { Job } from '../../../../src/types/kinds/batch/job.ts';
import { Event } from '../../../../src/types/kinds/core/event.ts';
import type { JobSpec } from '../../../../src/types/kinds/generated/batch-v1.gen.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../../src/types/kinds/core/service-account.ts';
import { keyOf } from '../../../../src/types/meta.ts';
import type { Persisted } from '../../../../src/types/meta.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { startControlPlane } from '../control-plane.ts';
import type { ControlPlane } from '../control-plane.ts';

export interface JobPlane extends ControlPlane {
  readonly clock: ManualClock;
  /** Resolves with the job once it is as wished. */
  untilJob(wished: (job: Persisted<Job>) => boolean, name?: string): Promise<Persisted<Job>>;
  /** Resolves with the pods that are under way once there are so many. */
  untilActive(count: number): Promise<readonly Persisted<Pod>[]>;
  untilEvent(reason: string): Promise<Persisted<Event>>;
  jobNow(name?: string): Promise<Persisted<Job> | undefined>;
}

const isActive = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

export async function startJobPlane(clock = new ManualClock()): Promise<JobPlane> {
  const plane = await startControlPlane(builtInControllers({ rootCa: 'CA' }), clock);
  await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'default'));
  return {
    ...plane,
    clock,
    async untilJob(wished, name = 'work') {
      const isWished = (job: Persisted<Job>): boolean => job.metadata.name === name && wished(job);
      const found = (await plane.until(Job, (all) => all.some(isWished))).find(isWished);
      if (!found) throw new Error('no job');
      return found;
    },
    async untilActive(count) {
      const pods = await plane.until(Pod, (all) => all.filter(isActive).length === count);
      return pods.filter(isActive);
    },
    async untilEvent(reason) {
      const found = (await plane.until(Event, (all) => all.some((event) => event.reason === reason))).find(
        (event) => event.reason === reason,
      );
      if (!found) throw new Error('no event');
      return found;
    },
    jobNow: (name = 'work') => plane.client.of(Job).get({ namespace: 'default', name }),
  };
}

export function work(spec: Partial<JobSpec> = {}, name = 'work'): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default' },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] } }, ...spec },
  };
}

export type End = 'Succeeded' | { readonly exitCode: number } | { readonly condition: string };

/** Plays the kubelet's part. */
export async function endPod(plane: JobPlane, pod: Persisted<Pod>, end: End): Promise<void> {
  const live = await plane.client.of(Pod).get(keyOf(pod));
  if (!live) throw new Error(`no pod ${pod.metadata.name}`);
  const at = `${plane.clock.now().toISOString().slice(0, 19)}Z`;
  const exitCode = end === 'Succeeded' ? 0 : 'exitCode' in end ? end.exitCode : 137;
  const conditions =
    typeof end === 'object' && 'condition' in end
      ? [{ type: end.condition, status: 'True', lastTransitionTime: at }]
      : [];
  await plane.client.of(Pod).updateStatus({
    ...live,
    status: {
      phase: end === 'Succeeded' ? 'Succeeded' : 'Failed',
      conditions,
      containerStatuses: (live.spec?.containers ?? []).map(({ name, image = '' }) => ({
        name,
        image,
        imageID: '',
        ready: false,
        restartCount: 0,
        state: {
          terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: at, finishedAt: at },
        },
      })),
    },
  });
}

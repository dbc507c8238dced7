import { expect, it } from 'vitest';
import { isConditionTrue } from '../../../../src/types/conditions.ts';
import { Job } from '../../../../src/types/kinds/batch/job.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { endPod, startJobPlane, work } from '../job/job-plane.ts';

it('deletes a job with its pods some time after it has finished, as its spec says by then', async () => {
  const plane = await startJobPlane();
  await plane.client.of(Job).create(work({ ttlSecondsAfterFinished: 60 }));
  const [pod] = await plane.untilActive(1);
  await plane.clock.run(120_000);
  if (pod) await endPod(plane, pod, 'Succeeded');
  await plane.untilJob(({ status }) => isConditionTrue(status?.conditions, 'Complete'));
  await plane.clock.run(59_000);
  await plane.client
    .of(Job)
    .patch(
      { namespace: 'default', name: 'work' },
      { type: 'merge', patch: { spec: { ttlSecondsAfterFinished: 100 } } },
    );
  await plane.untilJob(({ spec }) => spec?.ttlSecondsAfterFinished === 100);
  await plane.clock.run(40_000);
  expect(plane.informers.of(Job).list()).toHaveLength(1);
  await plane.clock.run(1_000);
  await plane.until(Job, (all) => all.length === 0);
  await plane.until(Pod, (all) => all.length === 0);
  expect(plane.failures).toEqual([]);
});

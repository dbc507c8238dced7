/** What is left of jobs when something above or below them goes. */
import { expect, it } from 'vitest';
import { Job } from '../../../../src/types/kinds/batch/job.ts';
import { Namespace } from '../../../../src/types/kinds/core/namespace.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../../src/types/kinds/core/service-account.ts';
import { keyOf } from '../../../../src/types/meta.ts';
import { startJobPlane, work } from './job-plane.ts';

it('a namespace goes with its jobs and their pods', async () => {
  const plane = await startJobPlane();
  await plane.client.of(Namespace).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'away' } });
  await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'away'));
  const job = work({ parallelism: 3, completions: 3 });
  await plane.client.of(Job).create({ ...job, metadata: { name: 'work', namespace: 'away' } });
  await plane.untilActive(3);
  await plane.client.of(Namespace).delete({ namespace: '', name: 'away' });
  await plane.until(Pod, (all) => all.length === 0);
  await plane.until(Job, (all) => all.length === 0);
  // The namespace's controller looks again after a while.
  while (plane.informers.of(Namespace).get({ namespace: '', name: 'away' })) await plane.clock.run(1000);
  expect(plane.failures).toEqual([]);
});

it('a pod that pretends to be of a job is let go', async () => {
  const plane = await startJobPlane();
  await plane.client.of(Job).create(work({ suspend: true }));
  const live = await plane.jobNow();
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'work', uid: 'another', controller: true };
  const pod = (name: string, ownerReferences: readonly (typeof owner)[]): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', finalizers: ['batch.kubernetes.io/job-tracking'], ownerReferences },
    spec: { containers: [{ name: 'main', image: 'work:1' }] },
  });
  await plane.client.of(Pod).create(pod('stray', []));
  await plane.client.of(Pod).create(pod('former', [{ ...owner, uid: live?.metadata.uid ?? '' }]));
  await plane.until(Pod, (all) =>
    all.some(({ metadata }) => metadata.name === 'stray' && metadata.finalizers === undefined),
  );
  await plane.client.of(Job).delete({ namespace: 'default', name: 'work' }, { propagationPolicy: 'Orphan' });
  await plane.until(Pod, (all) =>
    all.some(({ metadata }) => metadata.name === 'former' && metadata.finalizers === undefined),
  );
  expect(plane.failures).toEqual([]);
});

it('a pod that is deleted before it ran is replaced, and counted', async () => {
  const plane = await startJobPlane();
  await plane.client.of(Job).create(work());
  const [pod] = await plane.untilActive(1);
  if (pod) await plane.client.of(Pod).delete(keyOf(pod), { gracePeriodSeconds: 0 });
  await plane.untilJob(({ status }) => status?.failed === 1);
  await plane.clock.run(10_000);
  await plane.untilActive(1);
  expect(plane.failures).toEqual([]);
});

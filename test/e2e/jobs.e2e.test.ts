/** Jobs and CronJobs in a whole cluster, as kubectl sees them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CronJob } from '../../src/types/kinds/batch/cron-job.ts';
import { Job } from '../../src/types/kinds/batch/job.ts';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import type { JobSpec } from '../../src/types/kinds/generated/batch-v1.gen.ts';
import { BUSYBOX_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

function job(name: string, script: string, spec: Partial<JobSpec> = {}, restartPolicy = 'Never'): string {
  const container = { name: 'main', image: BUSYBOX_IMAGE, command: ['sh', '-c', script] };
  const template = { spec: { restartPolicy, terminationGracePeriodSeconds: 1, containers: [container] } };
  return JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template, ...spec } });
}

describe.concurrent('a Job', () => {
  it('completes, its log is read by its name, and it goes with its pods', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(job('hello', 'echo hello from $HOSTNAME'));
    await kubectl.ok('wait --for=condition=complete job/hello --timeout=300s');
    expect(await kubectl.ok('logs job/hello')).toMatch(/^hello from hello-[a-z0-9]{5}$/);
    expect(await kubectl.ok('get job hello --no-headers')).toMatch(/^hello +Complete +1\/1 /);
    expect(await kubectl.ok('get pods -l job-name=hello --no-headers')).toMatch(/ Completed /);
    const described = await kubectl.ok('describe job hello');
    expect(described).toContain('1 Succeeded');
    expect(described).toMatch(/Completed +\S+ +job-controller +Job completed/);
    await kubectl.ok('delete job hello');
    await until(test.cluster.client, Pod, { namespace: name }, (pods) => pods.length === 0);
  });

  it('restarts failed containers in place, or failed pods by others, as it is asked', async () => {
    const { kubectl, name } = await test.namespace();
    const once = 'test -e /state/seen && exit 0; touch /state/seen; exit 1';
    const volume = { volumes: [{ name: 'state', emptyDir: {} }] };
    const container = {
      name: 'main',
      image: BUSYBOX_IMAGE,
      command: ['sh', '-c', once],
      volumeMounts: [{ name: 'state', mountPath: '/state' }],
    };
    await kubectl.apply(
      job('local', '', { template: { spec: { restartPolicy: 'OnFailure', ...volume, containers: [container] } } }),
    );
    await kubectl.apply(job('remote', 'exit 3', { backoffLimit: 0 }));
    await kubectl.ok('wait --for=condition=complete job/local --timeout=300s');
    const [pod] = await until(
      test.cluster.client,
      Pod,
      { namespace: name, labelSelector: 'job-name=local' },
      () => true,
    );
    expect(pod?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    await kubectl.ok('wait --for=condition=failed job/remote --timeout=300s');
    expect(await kubectl.ok('describe job remote')).toContain('BackoffLimitExceeded');
  });

  it('gives each pod of an indexed job its index and hostname', async () => {
    const { kubectl } = await test.namespace();
    const spec = { completions: 3, parallelism: 3, completionMode: 'Indexed' } as const;
    await kubectl.apply(job('many', 'echo $JOB_COMPLETION_INDEX $(hostname)', spec));
    await kubectl.ok('wait --for=condition=complete job/many --timeout=90s');
    const index = 'batch.kubernetes.io/job-completion-index';
    for (const i of [0, 1, 2]) expect(await kubectl.ok(`logs -l ${index}=${i}`)).toBe(`${i} many-${i}`);
    expect(await kubectl.ok('get job many -o jsonpath={.status.completedIndexes}')).toBe('0-2');
  });

  it('fails by the policy of its pods at once', async () => {
    const { kubectl } = await test.namespace();
    const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] as const;
    await kubectl.apply(job('strict', 'exit 42', { podFailurePolicy: { rules } }));
    await kubectl.ok('wait --for=condition=failed job/strict --timeout=300s');
    expect(await kubectl.ok('get job strict -o jsonpath={.status.conditions[0].message}')).toMatch(
      /^Container main for pod test-\d+\/strict-\S+ failed with exit code 42 matching FailJob rule at index 0$/,
    );
  });

  it('does not count pods that were evicted, where its policy says so', async () => {
    const { kubectl, name } = await test.namespace();
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] as const;
    await kubectl.apply(job('patient', 'sleep 300', { backoffLimit: 0, podFailurePolicy: { rules } }));
    const where = { namespace: name, labelSelector: 'job-name=patient' };
    const runs = ({ status }: Pod): boolean => status?.phase === 'Running';
    const [first] = await until(test.cluster.client, Pod, where, (pods) => pods.some(runs));
    await test.cluster.client
      .of(Pod)
      .postSubresource({ namespace: name, name: first?.metadata.name ?? '' }, 'eviction', {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: first?.metadata.name, namespace: name },
      });
    await until(test.cluster.client, Pod, where, (pods) =>
      pods.some((pod) => runs(pod) && pod.metadata.uid !== first?.metadata.uid),
    );
    const [live] = await until(test.cluster.client, Job, { namespace: name }, ([found]) => found?.status?.active === 1);
    expect(live?.status?.failed).toBeUndefined();
    await kubectl.ok('delete job patient --cascade=foreground');
  });

  it('is suspended, resumed, orphaned and ended by its deadline', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(job('later', 'echo done', { suspend: true }));
    await kubectl.ok('wait --for=condition=suspended job/later --timeout=300s');
    await kubectl.ok(['patch', 'job', 'later', '--type=merge', '-p', '{"spec":{"suspend":false}}']);
    await kubectl.ok('wait --for=condition=complete job/later --timeout=300s');
    await kubectl.ok('delete job later --cascade=orphan');
    const orphans = await until(test.cluster.client, Pod, { namespace: name }, ([pod]) => !pod?.metadata.finalizers);
    expect(orphans[0]?.metadata.ownerReferences).toBeUndefined();
    await kubectl.apply(job('long', 'sleep 300', { activeDeadlineSeconds: 2, ttlSecondsAfterFinished: 0 }));
    await until(test.cluster.client, Job, { namespace: name, name: 'long' }, (jobs) => jobs.length === 0);
    await until(test.cluster.client, Pod, { namespace: name }, (pods) => pods.length === 1);
  });
});

describe.concurrent('a CronJob', () => {
  it('starts jobs on its schedule, and by hand', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok([
      'create',
      'cronjob',
      'tick',
      `--image=${BUSYBOX_IMAGE}`,
      '--schedule=@every 2s',
      '--',
      'echo',
      'tick',
    ]);
    const ran = ({ status }: CronJob): boolean => status?.lastSuccessfulTime !== undefined;
    const [cronJob] = await until(test.cluster.client, CronJob, { namespace: name }, (found) => found.some(ran));
    await kubectl.ok(['patch', 'cronjob', 'tick', '--type=merge', '-p', '{"spec":{"suspend":true}}']);
    expect(cronJob?.status?.lastScheduleTime).toBeDefined();
    await kubectl.ok('create job by-hand --from=cronjob/tick');
    await kubectl.ok('wait --for=condition=complete job/by-hand --timeout=300s');
    expect(await kubectl.ok('logs job/by-hand')).toBe('tick');
    expect(await kubectl.ok('get cronjob tick --no-headers')).toMatch(/^tick +@every 2s +<none> +True +\d /);
    await kubectl.ok('delete cronjob tick');
    await until(test.cluster.client, Job, { namespace: name }, (jobs) => jobs.length === 0);
    await until(test.cluster.client, Pod, { namespace: name }, (pods) => pods.length === 0);
  });
});

it('goes well without complaints', () => {
  expect(test.complaints).toEqual([]);
});

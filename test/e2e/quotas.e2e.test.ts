/** Quotas and limits of a namespace, as kubectl sees them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployment } from '../../src/types/kinds/apps/deployment.ts';
import { ResourceQuota } from '../../src/types/kinds/core/resource-quota.ts';
import { BUSYBOX_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

describe('a namespace with a quota', () => {
  it('holds its workloads to it, and lets them grow when there is room', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok('create quota team --hard=pods=2,requests.cpu=100m,count/deployments.apps=1');
    const range = { type: 'Container', defaultRequest: { cpu: '10m' } };
    const limits = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'small' }, spec: { limits: [range] } };
    await kubectl.apply(JSON.stringify(limits));
    const labels = { app: 'web' };
    const containers = [{ name: 'web', image: BUSYBOX_IMAGE, command: ['sleep', '1000'] }];
    const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers } };
    const spec = { replicas: 3, selector: { matchLabels: labels }, template };
    await kubectl.apply(JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }));
    expect(await kubectl.refused(`create deployment other --image=${BUSYBOX_IMAGE}`)).toContain(
      'deployments.apps "other" is forbidden: exceeded quota: team, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1',
    );
    await until(test.cluster.client, Deployment, { namespace: name }, ([web]) => {
      const failure = web?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
      return failure?.message?.includes('exceeded quota: team, requested: pods=1') === true;
    });
    await until(test.cluster.client, ResourceQuota, { namespace: name }, ([quota]) => {
      const { pods, 'requests.cpu': cpu } = quota?.status?.used ?? {};
      return pods === '2' && cpu === '20m';
    });
    expect(await kubectl.ok('describe quota team')).toMatch(/requests\.cpu +20m +100m/);
    await kubectl.ok(['patch', 'quota', 'team', '-p', '{"spec":{"hard":{"pods":"3"}}}']);
    await kubectl.ok('rollout status deployment/web --timeout=90s');
    await kubectl.ok('delete deployment web');
    await until(
      test.cluster.client,
      ResourceQuota,
      { namespace: name },
      ([quota]) => quota?.status?.used?.['pods'] === '0',
    );
    // What the quota refused is in the controllers' log, and nothing else.
    expect(test.complaints.filter((text) => !text.includes('exceeded quota'))).toEqual([]);
  });
});

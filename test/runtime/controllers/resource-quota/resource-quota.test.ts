/** ResourceQuotas: what is let in, and what their status says, through the real API server. */
import { describe, expect, it } from 'vitest';
import { builtInControllers } from '../../../../src/runtime/controllers/index.ts';
import { Job } from '../../../../src/types/kinds/batch/job.ts';
import { ConfigMap } from '../../../../src/types/kinds/core/config-map.ts';
import { Event } from '../../../../src/types/kinds/core/event.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ResourceQuota } from '../../../../src/types/kinds/core/resource-quota.ts';
import { Service } from '../../../../src/types/kinds/core/service.ts';
import { ServiceAccount } from '../../../../src/types/kinds/core/service-account.ts';
import type { ResourceQuotaSpec } from '../../../../src/types/kinds/generated/core-v1.gen.ts';
import { keyOf } from '../../../../src/types/meta.ts';
import { startControlPlane } from '../control-plane.ts';
import type { ControlPlane } from '../control-plane.ts';
import { work } from '../job/job-plane.ts';

async function start(spec: ResourceQuotaSpec): Promise<ControlPlane> {
  const plane = await startControlPlane(builtInControllers({ rootCa: 'CA' }));
  await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'default'));
  await plane.client.of(ResourceQuota).create({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'team', namespace: 'default' },
    spec,
  });
  return plane;
}

function pod(name: string, requests?: Readonly<Record<string, string>>): Pod {
  const container = { name: 'main', image: 'work:1', ...(requests && { resources: { requests } }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [container] } };
}

const configMap = (name: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});

async function untilUsed(plane: ControlPlane, used: Readonly<Record<string, string>>): Promise<void> {
  await plane.until(ResourceQuota, ([quota]) =>
    Object.entries(used).every(([resource, amount]) => quota?.status?.used?.[resource] === amount),
  );
}

describe('a ResourceQuota', () => {
  it('refuses what is too much, and says what is used', async () => {
    const plane = await start({ hard: { pods: '2', 'requests.cpu': '1' } });
    await untilUsed(plane, { pods: '0', 'requests.cpu': '0' });
    const pods = plane.client.of(Pod);
    await expect(pods.create(pod('a'))).rejects.toThrow(
      'pods "a" is forbidden: failed quota: team: must specify requests.cpu for: main',
    );
    await pods.create(pod('a', { cpu: '600m' }));
    await untilUsed(plane, { pods: '1', 'requests.cpu': '600m' });
    await expect(pods.create(pod('b', { cpu: '500m' }))).rejects.toThrow(
      'pods "b" is forbidden: exceeded quota: team, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    await pods.create(pod('b', { cpu: '400m' }));
    await expect(pods.create(pod('c', { cpu: '1m' }))).rejects.toThrow(
      'exceeded quota: team, requested: pods=1,requests.cpu=1m, used: pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1',
    );
    await pods.delete({ namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
    await untilUsed(plane, { pods: '1', 'requests.cpu': '400m' });
    await pods.create(pod('c', { cpu: '600m' }));
    const [quota] = await plane.until(ResourceQuota, ([found]) => found?.status?.used?.['pods'] === '2');
    expect(quota?.status?.hard).toEqual({ pods: '2', 'requests.cpu': '1' });
    expect(plane.failures).toEqual([]);
  });

  it('holds however many ask at once', async () => {
    const plane = await start({ hard: { 'count/configmaps': '12' } });
    // The certificate authority's is there already.
    await untilUsed(plane, { 'count/configmaps': '1' });
    const maps = plane.client.of(ConfigMap);
    const results = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => maps.create(configMap(`map-${i}`))));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(11);
    await untilUsed(plane, { 'count/configmaps': '12' });
    await maps.delete({
      namespace: 'default',
      name: keyOf((await maps.list({ namespace: 'default' })).items[3] ?? configMap('')).name,
    });
    await maps.create(configMap('again'));
    await expect(maps.create(configMap('one-more'), { dryRun: true })).rejects.toThrow('exceeded quota');
  });

  it('counts what an update adds', async () => {
    const plane = await start({ hard: { 'services.nodeports': '1', services: '5' } });
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { ports: [{ name: 'a', port: 80 }], selector: { app: 'web' } },
    };
    await plane.client.of(Service).create(service);
    const patch = (spec: object): Promise<unknown> =>
      plane.client.of(Service).patch(keyOf(service), { type: 'merge', patch: JSON.parse(JSON.stringify({ spec })) });
    await patch({ type: 'NodePort' });
    await untilUsed(plane, { 'services.nodeports': '1', services: '1' });
    await expect(
      patch({
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 81 },
        ],
      }),
    ).rejects.toThrow('requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1');
    await patch({ type: 'ClusterIP' });
    await untilUsed(plane, { 'services.nodeports': '0' });
  });

  it('keeps controllers from creating more, which say why', async () => {
    const plane = await start({ hard: { 'count/jobs.batch': '1', pods: '1' } });
    await plane.client.of(Job).create(work({ parallelism: 3, completions: 3 }));
    await expect(plane.client.of(Job).create(work({}, 'other'))).rejects.toThrow(
      'jobs.batch "other" is forbidden: exceeded quota: team, requested: count/jobs.batch=1',
    );
    const [event] = (await plane.until(Event, (all) => all.some(({ reason }) => reason === 'FailedCreate'))).filter(
      ({ reason }) => reason === 'FailedCreate',
    );
    expect(event?.message).toMatch(
      /^Error creating: pods "work-\w+" is forbidden: exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1$/,
    );
    const [job] = await plane.until(Job, ([found]) => found?.status?.active === 1);
    expect(job?.metadata.name).toBe('work');
  });

  it('is only about the pods of its scopes', async () => {
    const plane = await start({ hard: { pods: '1' }, scopes: ['Terminating'] });
    await plane.client.of(Pod).create(pod('a'));
    await plane.client.of(Pod).create(pod('b'));
    const ending = pod('c');
    await plane.client
      .of(Pod)
      .create({ ...ending, spec: { containers: [], ...ending.spec, activeDeadlineSeconds: 9 } });
    await untilUsed(plane, { pods: '1' });
    await plane.client
      .of(ResourceQuota)
      .patch({ namespace: 'default', name: 'team' }, { type: 'merge', patch: { spec: { hard: { pods: '7' } } } });
    await plane.until(ResourceQuota, ([quota]) => quota?.status?.hard?.['pods'] === '7');
  });
});

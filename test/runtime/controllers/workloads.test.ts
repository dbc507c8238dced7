/** Deployments down to pods and endpoints, through the real API server. */
import { describe, expect, it } from 'vitest';
import { builtInControllers } from '../../../src/runtime/controllers/index.ts';
import { Deployment } from '../../../src/types/kinds/apps/deployment.ts';
import { ReplicaSet } from '../../../src/types/kinds/apps/replica-set.ts';
import { Endpoints } from '../../../src/types/kinds/core/endpoints.ts';
import { Event } from '../../../src/types/kinds/core/event.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { Service } from '../../../src/types/kinds/core/service.ts';
import { ServiceAccount } from '../../../src/types/kinds/core/service-account.ts';
import { EndpointSlice } from '../../../src/types/kinds/discovery/endpoint-slice.ts';
import { findCondition } from '../../../src/types/conditions.ts';
import { keyOf } from '../../../src/types/meta.ts';
import type { Persisted } from '../../../src/types/meta.ts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';

const web = (image = 'web:1', replicas = 3): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
  },
});
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};

async function start(): Promise<ControlPlane> {
  const plane = await startControlPlane(builtInControllers({ rootCa: 'CA' }));
  await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'default'));
  return plane;
}

/** Plays the kubelet's part. */
async function makeReady(plane: ControlPlane, pods: readonly Persisted<Pod>[]): Promise<void> {
  await Promise.all(
    pods.map(async (pod, i) => {
      const live = await plane.client.of(Pod).get(keyOf(pod));
      if (!live) return;
      const podIP = `10.1.0.${i + 10}`;
      const at = '2026-01-01T00:00:00Z';
      await plane.client.of(Pod).updateStatus({
        ...live,
        status: {
          phase: 'Running',
          podIP,
          podIPs: [{ ip: podIP }],
          conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }],
        },
      });
    }),
  );
}

const active = (pods: readonly Persisted<Pod>[]): readonly Persisted<Pod>[] =>
  pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);

describe('a Deployment', () => {
  it('gets its pods, and becomes available with them', async () => {
    const plane = await start();
    await plane.client.of(Deployment).create(web());
    const pods = await plane.until(Pod, (all) => all.length === 3);
    for (const pod of pods) expect(pod.metadata.name).toMatch(/^web-[a-z0-9]+-[a-z0-9]{5}$/);
    await makeReady(plane, pods);
    const [deployment] = await plane.until(Deployment, ([d]) => d?.status?.availableReplicas === 3);
    expect(deployment?.status).toMatchObject({
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      observedGeneration: 1,
    });
    expect(deployment?.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '1' });
    expect(findCondition(deployment?.status?.conditions, 'Progressing')?.reason).toBe('NewReplicaSetAvailable');
    const events = await plane.until(
      Event,
      (all) => all.filter(({ reason }) => reason === 'SuccessfulCreate').length === 3,
    );
    const [set] = plane.informers.of(ReplicaSet).list();
    expect(events.find(({ reason }) => reason === 'ScalingReplicaSet')?.message).toBe(
      `Scaled up replica set ${set?.metadata.name} from 0 to 3`,
    );
    expect(plane.failures).toEqual([]);
  });

  it('rolls to a new image, and all that was old goes when it is deleted', async () => {
    const plane = await start();
    await plane.client.of(Deployment).create(web('web:1', 2));
    await makeReady(plane, await plane.until(Pod, (all) => all.length === 2));
    await plane.until(Deployment, ([d]) => d?.status?.availableReplicas === 2);
    await plane.client.of(Deployment).patch(
      { namespace: 'default', name: 'web' },
      {
        type: 'strategic',
        patch: { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } } },
      },
    );
    const isNew = (pod: Pod): boolean => pod.spec?.containers[0]?.image === 'web:2';
    for (const count of [1, 2]) {
      const pods = await plane.until(Pod, (all) => active(all).filter(isNew).length >= count);
      await makeReady(plane, active(pods).filter(isNew));
    }
    const pods = await plane.until(Pod, (all) => active(all).length === 2 && active(all).every(isNew));
    await makeReady(plane, active(pods));
    await plane.until(
      Deployment,
      ([d]) =>
        findCondition(d?.status?.conditions, 'Progressing')?.reason === 'NewReplicaSetAvailable' &&
        d?.status?.updatedReplicas === 2,
    );
    expect(plane.informers.of(ReplicaSet).list()).toHaveLength(2);
    await plane.client.of(Deployment).delete({ namespace: 'default', name: 'web' });
    await plane.until(ReplicaSet, (all) => all.length === 0);
    await plane.until(Pod, (all) => active(all).length === 0);
    expect(plane.failures).toEqual([]);
  });

  it('replaces a pod that was deleted', async () => {
    const plane = await start();
    await plane.client.of(Deployment).create(web('web:1', 1));
    const [first] = await plane.until(Pod, (all) => all.length === 1);
    if (!first) throw new Error('no pod');
    await plane.client.of(Pod).delete(keyOf(first), { gracePeriodSeconds: 0 });
    const [second] = await plane.until(Pod, (all) => all.length === 1 && all[0]?.metadata.uid !== first.metadata.uid);
    expect(second?.metadata.ownerReferences?.[0]?.uid).toBe(first.metadata.ownerReferences?.[0]?.uid);
  });
});

describe('a Service', () => {
  it('has its ready pods as endpoints, and drops a pod the moment its deletion begins', async () => {
    const plane = await start();
    await plane.client.of(Service).create(service);
    await plane.until(EndpointSlice, (all) => all.some(({ endpoints }) => (endpoints ?? []).length === 0));
    await plane.client.of(Deployment).create(web('web:1', 2));
    const pods = await plane.until(Pod, (all) => all.length === 2);
    await makeReady(plane, pods);
    const slices = await plane.until(
      EndpointSlice,
      (all) => all.flatMap(({ endpoints }) => endpoints ?? []).filter((e) => e.conditions?.ready).length === 2,
    );
    const [slice] = slices.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web');
    expect(slice?.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
    expect(slice?.metadata.labels).toMatchObject({
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
    const [endpoints] = await plane.until(Endpoints, ([e]) => e?.subsets?.[0]?.addresses?.length === 2);
    expect(endpoints?.subsets?.[0]?.ports).toEqual([{ port: 8080, protocol: 'TCP' }]);
    const [leaving] = pods;
    if (!leaving) throw new Error('no pod');
    // Bound pods are deleted gracefully: they stay until their kubelet has ended them.
    await plane.client.of(Pod).postSubresource(keyOf(leaving), 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: leaving.metadata.name, namespace: 'default' },
      ...{ target: { kind: 'Node', name: 'node' } },
    });
    await plane.client.of(Pod).delete(keyOf(leaving));
    const after = await plane.until(EndpointSlice, (all) =>
      all.some(({ endpoints }) => (endpoints ?? []).some(({ conditions }) => conditions?.terminating)),
    );
    const left = after.flatMap(({ endpoints }) => endpoints ?? []).find(({ conditions }) => conditions?.terminating);
    expect(left?.conditions).toEqual({ ready: false, serving: true, terminating: true });
    await plane.until(Endpoints, ([e]) => e?.subsets?.[0]?.addresses?.length === 1);
    expect(plane.failures).toEqual([]);
  });
});

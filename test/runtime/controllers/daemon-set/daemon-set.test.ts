/** DaemonSets through the real API server. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/shared/clock.ts';
import type { JsonValue } from '../../../../src/shared/deep.ts';
import { daemonSetController } from '../../../../src/runtime/controllers/daemon-set/index.ts';
import { garbageCollector } from '../../../../src/runtime/controllers/garbage-collector/index.ts';
import { serviceAccountController } from '../../../../src/runtime/controllers/service-account/index.ts';
import { ControllerRevision } from '../../../../src/types/kinds/apps/controller-revision.ts';
import { DaemonSet } from '../../../../src/types/kinds/apps/daemon-set.ts';
import { Event } from '../../../../src/types/kinds/core/event.ts';
import { Node } from '../../../../src/types/kinds/core/node.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../../src/types/kinds/core/service-account.ts';
import type { DaemonSetSpec } from '../../../../src/types/kinds/generated/apps-v1.gen.ts';
import type { Taint } from '../../../../src/types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../../../src/types/meta.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { startControlPlane } from '../control-plane.ts';
import type { ControlPlane } from '../control-plane.ts';
import { end, makeAllReady, makeReady, namesOf } from '../running-pods.ts';

const agent = { namespace: 'default', name: 'agent' };

function set(spec: Partial<DaemonSetSpec> = {}, image = 'agent:1'): DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: agent,
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image }] } },
      ...spec,
    },
  };
}

async function start(nodes: readonly string[], clock?: Clock): Promise<ControlPlane> {
  const plane = await startControlPlane([daemonSetController, garbageCollector, serviceAccountController], clock);
  await plane.until(ServiceAccount, (all) => all.some(({ metadata }) => metadata.namespace === 'default'));
  for (const name of nodes) await addNode(plane, name);
  return plane;
}

/** A node that is ready: admission gives it a taint until then. */
async function addNode(plane: ControlPlane, name: string, taints: readonly Taint[] = []): Promise<Persisted<Node>> {
  const nodes = plane.client.of(Node);
  const metadata = { name, labels: { on: name } };
  const node = await nodes.create({ apiVersion: 'v1', kind: 'Node', metadata, spec: {} });
  return nodes.update({ ...node, spec: { ...node.spec, taints } });
}

const targets = (pods: readonly Persisted<Pod>[]): readonly (string | undefined)[] =>
  pods
    .map(
      ({ spec }) =>
        spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
          ?.matchFields?.[0]?.values?.[0],
    )
    .sort();
const patch = (plane: ControlPlane, spec: JsonValue): Promise<unknown> =>
  plane.client.of(DaemonSet).patch(agent, { type: 'strategic', patch: { spec } });
const newImage = (image: string): JsonValue => ({ template: { spec: { containers: [{ name: 'agent', image }] } } });
const labelNode = (plane: ControlPlane, name: string, disk: string | null): Promise<unknown> =>
  plane.client.of(Node).patch({ namespace: '', name }, { type: 'merge', patch: { metadata: { labels: { disk } } } });
const taintNode = (plane: ControlPlane, name: string, effect: string | undefined): Promise<unknown> =>
  plane.client
    .of(Node)
    .patch(
      { namespace: '', name },
      { type: 'merge', patch: { spec: { taints: effect === undefined ? null : [{ key: 'full', effect }] } } },
    );
const images = (pods: readonly Persisted<Pod>[]): readonly (string | undefined)[] =>
  pods.map(({ spec }) => spec?.containers[0]?.image).sort();

describe('a DaemonSet', () => {
  it('has a pod for each node, held to it by its name', async () => {
    const plane = await start(['a', 'b']);
    await plane.client.of(DaemonSet).create(set());
    const pods = await plane.until(Pod, (all) => all.length === 2);
    const [revision] = plane.informers.of(ControllerRevision).list();
    expect(targets(pods)).toEqual(['a', 'b']);
    const [pod] = pods;
    expect(pod?.metadata.name).toMatch(/^agent-[a-z0-9]{5}$/);
    expect(pod?.metadata.labels).toEqual({
      app: 'agent',
      'controller-revision-hash': revision?.metadata.labels?.['controller-revision-hash'],
      'pod-template-generation': '1',
    });
    expect(pod?.spec?.tolerations?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      'node.kubernetes.io/not-ready:NoExecute',
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/disk-pressure:NoSchedule',
      'node.kubernetes.io/memory-pressure:NoSchedule',
      'node.kubernetes.io/pid-pressure:NoSchedule',
      'node.kubernetes.io/unschedulable:NoSchedule',
    ]);
    for (const name of namesOf(pods)) await makeReady(plane, name);
    const [ready] = await plane.until(DaemonSet, ([found]) => found?.status?.numberAvailable === 2);
    expect(ready?.status).toEqual({
      currentNumberScheduled: 2,
      desiredNumberScheduled: 2,
      numberAvailable: 2,
      numberMisscheduled: 0,
      numberReady: 2,
      observedGeneration: 1,
      updatedNumberScheduled: 2,
    });
    await addNode(plane, 'c');
    await plane.until(Pod, (all) => targets(all).join() === 'a,b,c');
    const events = await plane.until(Event, (all) => all.length === 3);
    for (const { reason, message, source } of events) {
      expect(source?.component).toBe('daemonset-controller');
      expect(`${reason}: ${message}`).toMatch(/^SuccessfulCreate: Created pod: agent-/);
    }
    expect(plane.failures).toEqual([]);
  });

  it('rolls out within maxUnavailable, and back to healthy pods without touching them', async () => {
    const plane = await start(['a', 'b']);
    await plane.client.of(DaemonSet).create(set());
    const first = await plane.until(Pod, (all) => all.length === 2);
    for (const name of namesOf(first)) await makeReady(plane, name);
    await plane.until(DaemonSet, ([found]) => found?.status?.numberAvailable === 2);
    await patch(plane, newImage('broken:1'));
    await plane.until(Pod, (all) => images(all).join() === 'agent:1,broken:1');
    await plane.until(
      DaemonSet,
      ([found]) => found?.status?.updatedNumberScheduled === 1 && found.status.numberUnavailable === 1,
    );
    const [kept] = plane.informers
      .of(Pod)
      .list()
      .filter(({ spec }) => spec?.containers[0]?.image === 'agent:1');
    await patch(plane, newImage('agent:1'));
    const pods = await plane.until(Pod, (all) => images(all).join() === 'agent:1,agent:1');
    expect(pods.map(({ metadata }) => metadata.uid)).toContain(kept?.metadata.uid);
    const revisions = await plane.until(ControllerRevision, (all) => all.some(({ revision }) => revision === 3));
    expect(revisions.map(({ revision }) => revision).sort()).toEqual([2, 3]);
    expect(plane.failures).toEqual([]);
  });

  it('surges where it may: the old pod goes when the new one is available', async () => {
    const plane = await start(['a']);
    await plane.client
      .of(DaemonSet)
      .create(set({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }));
    const [old] = await plane.until(Pod, (all) => all.length === 1);
    await makeReady(plane, old?.metadata.name ?? '');
    await plane.until(DaemonSet, ([found]) => found?.status?.numberAvailable === 1);
    await patch(plane, newImage('agent:2'));
    const both = await plane.until(Pod, (all) => images(all).join() === 'agent:1,agent:2');
    const [fresh] = both.filter(({ metadata }) => metadata.uid !== old?.metadata.uid);
    await makeReady(plane, fresh?.metadata.name ?? '');
    const left = await plane.until(Pod, (all) => all.length === 1);
    expect(namesOf(left)).toEqual([fresh?.metadata.name]);
    const [done] = await plane.until(DaemonSet, ([found]) => found?.status?.updatedNumberScheduled === 1);
    expect(done?.status).toMatchObject({ numberAvailable: 1, currentNumberScheduled: 1 });
    expect(plane.failures).toEqual([]);
  });

  it('changes nothing by itself where deletion is by hand', async () => {
    const plane = await start(['a']);
    using _ = makeAllReady(plane);
    await plane.client.of(DaemonSet).create(set({ updateStrategy: { type: 'OnDelete' } }));
    await plane.until(DaemonSet, ([found]) => found?.status?.numberAvailable === 1);
    await patch(plane, newImage('agent:2'));
    await plane.until(DaemonSet, ([found]) => found?.status?.observedGeneration === 2);
    const [pod] = plane.informers.of(Pod).list();
    expect(pod?.spec?.containers[0]?.image).toBe('agent:1');
    await plane.client.of(Pod).delete({ namespace: 'default', name: pod?.metadata.name ?? '' });
    await plane.until(Pod, (all) => images(all).join() === 'agent:2');
  });

  it('replaces a pod that has failed, later and later, and says so', async () => {
    const clock = new ManualClock();
    const plane = await start(['a'], clock);
    await plane.client.of(DaemonSet).create(set());
    const uids = new Set<string | undefined>();
    for (const wait of [0, 1000, 2000]) {
      const [pod] = await plane.until(Pod, ([found]) => found !== undefined && !uids.has(found.metadata.uid));
      uids.add(pod?.metadata.uid);
      await end(plane, pod?.metadata.name ?? '', 'Failed');
      if (wait === 0) continue;
      await plane.until(Pod, ([found]) => found?.status?.phase === 'Failed');
      await clock.run(wait - 1);
      expect(namesOf(plane.informers.of(Pod).list())).toEqual([pod?.metadata.name]);
      await clock.run(1);
    }
    const [pod] = await plane.until(Pod, ([found]) => found !== undefined && !uids.has(found.metadata.uid));
    await end(plane, pod?.metadata.name ?? '', 'Succeeded');
    await plane.until(Pod, ([found]) => found !== undefined && found.metadata.uid !== pod?.metadata.uid);
    const events = await plane.until(Event, (all) => all.some(({ reason }) => reason === 'SucceededDaemonPod'));
    const messages = events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`).join('\n');
    expect(messages).toMatch(/Warning FailedDaemonPod: Found failed daemon pod default\/agent-\w+ on node a, will try/);
    expect(messages).toMatch(
      /Normal SucceededDaemonPod: Found succeeded daemon pod default\/agent-\w+ on node a, will try to delete it/,
    );
  });

  it('follows labels and taints of nodes', async () => {
    const plane = await start(['a', 'b']);
    using _ = makeAllReady(plane);
    const spec = { containers: [{ name: 'agent', image: 'agent:1' }], nodeSelector: { disk: 'ssd' } };
    await plane.client.of(DaemonSet).create(set({ template: { metadata: { labels: { app: 'agent' } }, spec } }));
    await plane.until(DaemonSet, ([found]) => found?.status?.observedGeneration === 1);
    expect(plane.informers.of(Pod).list()).toEqual([]);
    await labelNode(plane, 'a', 'ssd');
    await plane.until(Pod, (all) => targets(all).join() === 'a');
    await taintNode(plane, 'a', 'NoSchedule');
    await plane.until(DaemonSet, ([found]) => found?.status?.numberMisscheduled === 1);
    expect(targets(plane.informers.of(Pod).list())).toEqual(['a']);
    await taintNode(plane, 'a', 'NoExecute');
    await plane.until(Pod, (all) => all.length === 0);
    await taintNode(plane, 'a', undefined);
    await plane.until(Pod, (all) => targets(all).join() === 'a');
    await labelNode(plane, 'a', null);
    await plane.until(Pod, (all) => all.length === 0);
    await plane.until(
      DaemonSet,
      ([found]) => found?.status?.desiredNumberScheduled === 0 && found.status.numberMisscheduled === 0,
    );
    expect(plane.failures).toEqual([]);
  });

  it('takes pods with it, or leaves them for the next one', async () => {
    const plane = await start(['a']);
    using _ = makeAllReady(plane);
    await plane.client.of(DaemonSet).create(set());
    await plane.until(DaemonSet, ([found]) => found?.status?.numberAvailable === 1);
    await plane.client.of(DaemonSet).delete(agent, { propagationPolicy: 'Orphan' });
    await plane.until(DaemonSet, (all) => all.length === 0);
    const [orphan] = await plane.until(Pod, ([pod]) => (pod?.metadata.ownerReferences ?? []).length === 0);
    const second = await plane.client.of(DaemonSet).create(set());
    await plane.until(Pod, ([pod]) => pod?.metadata.ownerReferences?.[0]?.uid === second.metadata.uid);
    const [found] = await plane.until(DaemonSet, ([present]) => present?.status?.numberAvailable === 1);
    expect(found?.status?.updatedNumberScheduled).toBe(1);
    expect(namesOf(plane.informers.of(Pod).list())).toEqual([orphan?.metadata.name]);
    await plane.client.of(DaemonSet).delete(agent);
    await plane.until(Pod, (all) => all.length === 0);
    await plane.until(ControllerRevision, (all) => all.length === 0);
  });

  it('keeps only so much of the history', async () => {
    const plane = await start(['a']);
    using _ = makeAllReady(plane);
    await plane.client.of(DaemonSet).create(set({ revisionHistoryLimit: 1 }));
    for (const generation of [2, 3, 4]) {
      await patch(plane, newImage(`agent:${generation}`));
      await plane.until(Pod, (all) => images(all).join() === `agent:${generation}`);
      await plane.until(
        DaemonSet,
        ([found]) => found?.status?.observedGeneration === generation && found.status.numberAvailable === 1,
      );
    }
    const kept = await plane.until(ControllerRevision, (all) => all.length === 2);
    expect(kept.map(({ revision }) => revision).sort()).toEqual([3, 4]);
  });
});

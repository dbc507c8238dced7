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
    for (const { reason, message } of events) {
      expect(`${reason}: ${message}`).toMatch(/^SuccessfulCreate: Created pod: agent-/);
    }
    expect(plane.failures).toEqual([]);
  });

  it('rolls out pod by pod', async () => {
    const plane = await start(['a', 'b']);
    using _ = makeAllReady(plane);
    await plane.client.of(DaemonSet).create(set());
    await plane.until(DaemonSet, ([found]) => found?.status?.numberAvailable === 2);
    await patch(plane, newImage('agent:2'));
    await plane.until(
      DaemonSet,
      ([found]) => found?.status?.observedGeneration === 2 && found.status.updatedNumberScheduled === 2,
    );
    expect(images(plane.informers.of(Pod).list())).toEqual(['agent:2', 'agent:2']);
    expect(plane.failures).toEqual([]);
  });
});

void [end, ManualClock];

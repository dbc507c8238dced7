/** Plays the kubelet's part: pods become ready, fail and end by the test's word. */
import type { JsonObject } from '../../../src/shared/deep.ts';
import { isFailure } from '../../../src/runtime/client/answers.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import type { PodCondition, PodStatus } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { keyOf } from '../../../src/types/meta.ts';
import type { Persisted } from '../../../src/types/meta.ts';
import type { ControlPlane } from './control-plane.ts';

const at = '2026-01-01T00:00:00Z';
const running: PodStatus = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }],
};
const unready: PodStatus = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at }],
};

async function setStatus(plane: ControlPlane, name: string, status: PodStatus): Promise<void> {
  const patch = { status: { phase: status.phase ?? '', conditions: (status.conditions ?? []).map(conditionPatch) } };
  try {
    await plane.client
      .of(Pod)
      .patch({ namespace: 'default', name }, { type: 'strategic', patch }, { subresource: 'status' });
  } catch (error) {
    // Its controller was faster.
    if (!isFailure(error, 'NotFound')) throw error;
  }
}

function conditionPatch({ type, status, lastTransitionTime }: PodCondition): JsonObject {
  return { type, status, lastTransitionTime: lastTransitionTime ?? at };
}

/** @param since time from which on the pod is ready */
export function makeReady(plane: ControlPlane, name: string, since: string = at): Promise<void> {
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: since }];
  return setStatus(plane, name, { ...running, conditions });
}

export function makeUnready(plane: ControlPlane, name: string): Promise<void> {
  return setStatus(plane, name, unready);
}

export function end(plane: ControlPlane, name: string, phase: 'Failed' | 'Succeeded'): Promise<void> {
  return setStatus(plane, name, { phase, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at }] });
}

/** Makes every pod ready as soon as it exists, from now on. */
export function makeAllReady(plane: ControlPlane): Disposable {
  return plane.informers.of(Pod).subscribe(({ type, object }) => {
    if (type === 'add') void makeReady(plane, object.metadata.name);
  });
}

export function namesOf(pods: readonly Persisted[]): readonly string[] {
  return pods.map(({ metadata }) => metadata.name).sort();
}

/** Binds a pod, so that it ends gracefully: it stays until `bury`. */
export async function bind(plane: ControlPlane, pod: Persisted<Pod>, node: string): Promise<void> {
  await plane.client.of(Pod).postSubresource(keyOf(pod), 'binding', {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: pod.metadata.name, namespace: 'default' },
    ...{ target: { kind: 'Node', name: node } },
  });
}

export async function bury(plane: ControlPlane, name: string): Promise<void> {
  await plane.client.of(Pod).delete({ namespace: 'default', name }, { gracePeriodSeconds: 0 });
}

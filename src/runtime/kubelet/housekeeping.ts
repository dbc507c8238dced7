/** What remains on the node of pods that the API does not know any more. */
import type { Milliseconds } from '../../shared/clock.ts';
import type { ContainerSummary } from '../engine/container-engine.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { graceOf, LABEL } from './pod-containers.ts';

const LONGEST_GRACE: Milliseconds = 30_000;

/** Stops the pod's containers with the grace that the pod had asked for, then removes them and its files. */
export async function removeOrphan(
  context: KubeletContext,
  uid: string,
  containers: readonly ContainerSummary[],
): Promise<void> {
  const { engine, network, folders } = context;
  const isSandbox = (found: ContainerSummary): boolean => found.labels[LABEL.type] === 'podsandbox';
  const own = containers.filter((found) => !isSandbox(found));
  await Promise.all(own.map((found) => engine.stop(found.id, graceOf(found, LONGEST_GRACE))));
  await Promise.all(own.map((found) => engine.remove(found.id)));
  await network.detach(uid);
  await Promise.all(containers.filter(isSandbox).map((found) => engine.remove(found.id)));
  await folders.remove(uid);
}

/** By pod. */
export function byPod(containers: readonly ContainerSummary[]): ReadonlyMap<string, readonly ContainerSummary[]> {
  const pods = new Map<string, ContainerSummary[]>();
  for (const found of containers) {
    const uid = found.labels[LABEL.podUid];
    if (uid === undefined) continue;
    const list = pods.get(uid);
    if (list) list.push(found);
    else pods.set(uid, [found]);
  }
  return pods;
}

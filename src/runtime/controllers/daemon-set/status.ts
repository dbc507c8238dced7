/** What a DaemonSet's status says of the nodes and their pods. Pure. */
import type { DaemonSetStatus } from '../../../types/kinds/generated/apps-v1.gen.ts';
import { isPodReady, isPodTerminating, untilAvailable } from '../framework/pod-state.ts';
import { isUpToDate, placementOn } from './daemon-pod.ts';
import { oldestFirst, podsByNode } from './plan.ts';
import type { DaemonSetState } from './plan.ts';

/** @param generation the generation that has been acted on */
export function daemonSetStatus(
  state: Omit<DaemonSetState, 'heldBack'>,
  collisionCount: number,
  generation: number | undefined,
): DaemonSetStatus {
  const { set, now } = state;
  const byNode = podsByNode(state.pods);
  const counts = { desired: 0, current: 0, misplaced: 0, ready: 0, available: 0, updated: 0 };
  for (const node of state.nodes) {
    const there = oldestFirst(byNode.get(node.metadata.name) ?? []);
    // After a surge the one that ends is still there beside its successor, which is the one that serves.
    const pod = there.find((candidate) => !isPodTerminating(candidate)) ?? there[0];
    if (!placementOn(node, set).shouldRun) {
      counts.misplaced += Number(pod !== undefined);
      continue;
    }
    counts.desired += 1;
    if (!pod) continue;
    counts.current += 1;
    counts.ready += Number(isPodReady(pod));
    counts.available += Number(untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now) === 0);
    counts.updated += Number(isUpToDate(set, pod, state.hashes));
  }
  const unavailable = counts.desired - counts.available;
  const { conditions } = set.status ?? {};
  return {
    ...(collisionCount === 0 ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
    currentNumberScheduled: counts.current,
    desiredNumberScheduled: counts.desired,
    ...(counts.available === 0 ? {} : { numberAvailable: counts.available }),
    numberMisscheduled: counts.misplaced,
    numberReady: counts.ready,
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(counts.updated === 0 ? {} : { updatedNumberScheduled: counts.updated }),
  };
}

/** What a StatefulSet's status says of its pods. Pure. */
import type { StatefulSetStatus } from '../../../types/kinds/generated/apps-v1.gen.ts';
import type { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isPodReady, isPodTerminating, untilAvailable } from '../framework/pod-state.ts';
import { revisionOfPod } from './stateful-pod.ts';

export interface StatefulSetFacts {
  readonly set: Persisted<StatefulSet>;
  readonly pods: readonly Persisted<Pod>[];
  /** Names of the revisions. */
  readonly current: string;
  readonly update: string;
  readonly collisionCount: number;
  /** Pods whose deletion was asked for, though the copy of them does not say so yet. */
  readonly leaving: ReadonlySet<Persisted<Pod>>;
  /** The generation that has been acted on. */
  readonly generation: number | undefined;
}

export function statefulSetStatus(facts: StatefulSetFacts, now: Date): StatefulSetStatus {
  const { set, pods, current, update, collisionCount } = facts;
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod));
  const staying = pods.filter((pod) => !isPodTerminating(pod) && !facts.leaving.has(pod));
  const seconds = set.spec?.minReadySeconds ?? 0;
  const updatedReplicas = count(staying, (pod) => revisionOfPod(pod) === update);
  const replicas = pods.length;
  // Every pod is there, ready, and of the new revision: it becomes the one that all compare with.
  const complete =
    set.spec?.updateStrategy?.type !== 'OnDelete' &&
    [updatedReplicas, ready.length, replicas].every((value) => value === (set.spec?.replicas ?? 1));
  const currentReplicas = complete ? updatedReplicas : count(staying, (pod) => revisionOfPod(pod) === current);
  const { conditions } = set.status ?? {};
  return {
    availableReplicas: count(ready, (pod) => untilAvailable(pod, seconds, now) === 0),
    collisionCount,
    ...(conditions === undefined ? {} : { conditions }),
    ...(currentReplicas === 0 ? {} : { currentReplicas }),
    currentRevision: complete ? update : current,
    ...(facts.generation === undefined ? {} : { observedGeneration: facts.generation }),
    ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
    replicas,
    updateRevision: update,
    ...(updatedReplicas === 0 ? {} : { updatedReplicas }),
  };
}

function count(pods: readonly Persisted<Pod>[], holds: (pod: Persisted<Pod>) => boolean): number {
  return pods.filter(holds).length;
}

/** Takes pods off nodes whose NoExecute taints they do not tolerate, or no longer. */
import { setCondition } from '../../../types/conditions.ts';
import { Node } from '../../../types/kinds/core/node.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { byNodeName, isPodTerminal } from '../framework/pod-state.ts';
import { untilEviction } from './plan.ts';

export const taintEvictionController: Controller<Pod> = {
  name: 'taint-eviction-controller',
  kind: Pod,
  alsoWatches: [{ kind: Node, concerns: podsOn }],
  reconciler,
};

/** Only a node that is tainted has anything to do with eviction, and nodes change with every heartbeat. */
function podsOn(node: Persisted, informers: Informers): Iterable<ObjectKey> {
  const taints = informers.of(Node).get(keyOf(node))?.spec?.taints ?? [];
  if (!taints.some((taint) => taint.effect === 'NoExecute')) return [];
  return informers.of(Pod).indexed(byNodeName, node.metadata.name).map(keyOf);
}

function reconciler({ client, informers, clock, event }: ControllerContext): Reconcile {
  const pods = informers.of(Pod);
  const nodes = informers.of(Node);
  return async (key) => {
    const pod = pods.get(key);
    const name = pod?.spec?.nodeName ?? '';
    if (!pod || name === '' || pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return;
    const now = clock.now();
    const taints = nodes.get({ namespace: '', name })?.spec?.taints ?? [];
    const wait = untilEviction(taints, pod.spec?.tolerations ?? [], now);
    if (wait === undefined) return;
    if (wait > 0) return { requeueAfter: wait };
    event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyText(key)}`);
    const conditions = setCondition(pod.status?.conditions, {
      type: 'DisruptionTarget',
      observedGeneration: pod.metadata.generation,
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: `${now.toISOString().slice(0, 19)}Z`,
    });
    try {
      await client.of(Pod).updateStatus({ ...pod, status: { ...pod.status, conditions } });
      await client.of(Pod).delete(key, { preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
    return;
  };
}

/** Deletes pods that no kubelet will ever delete. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { Node } from '../../../types/kinds/core/node.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Index, Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { byNodeName, isPodTerminal } from '../framework/pod-state.ts';
import { judgePod, surplusPods, terminatedLimit } from './plan.ts';

const byTermination: Index<Pod> = { name: 'status.phase', values: (pod) => (isPodTerminal(pod) ? ['terminated'] : []) };

export const podGarbageCollector: Controller<Pod> = {
  name: 'pod-garbage-collector',
  kind: Pod,
  alsoWatches: [{ kind: Node, concerns: podsOfMissing }],
  reconciler,
};

function podsOfMissing(node: Persisted, informers: Informers): Iterable<ObjectKey> {
  if (informers.of(Node).get(keyOf(node))) return [];
  return informers.of(Pod).indexed(byNodeName, node.metadata.name).map(keyOf);
}

function reconciler({ client, informers, clock }: ControllerContext): Reconcile {
  const pods = informers.of(Pod);
  const nodes = informers.of(Node);
  const missingSince = new Map<string, Milliseconds>();

  const missingFor = (name: string): Milliseconds | undefined => {
    if (name === '' || nodes.get({ namespace: '', name })) {
      missingSince.delete(name);
      return undefined;
    }
    const since = missingSince.get(name) ?? clock.monotonic();
    missingSince.set(name, since);
    return clock.monotonic() - since;
  };

  return async (key) => {
    const pod = pods.get(key);
    if (!pod) return;
    const terminated = pods.indexed(byTermination, 'terminated');
    const surplus = surplusPods(terminated, terminatedLimit).has(pod.metadata.uid);
    const name = pod.spec?.nodeName ?? '';
    const verdict = judgePod({ pod, nodeMissingFor: missingFor(name), surplus });
    if (verdict.act === 'keep') return;
    if (verdict.act === 'wait') return { requeueAfter: verdict.delay };
    if (verdict.reason === 'orphaned' && (await client.of(Node).get({ namespace: '', name }))) return;
    try {
      if (verdict.reason === 'orphaned') await markFailed(pod);
      await client.of(Pod).delete(key, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
    return;
  };

  async function markFailed(pod: Persisted<Pod>): Promise<void> {
    if (isPodTerminal(pod)) return;
    const condition = {
      type: 'DisruptionTarget',
      observedGeneration: pod.metadata.generation ?? 1,
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      lastTransitionTime: `${clock.now().toISOString().slice(0, 19)}Z`,
    };
    const patch = { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed', conditions: [condition] } };
    await client.of(Pod).patch(keyOf(pod), { type: 'strategic', patch }, { subresource: 'status' });
  }
}

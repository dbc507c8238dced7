/** Notices that a node's kubelet fell silent, and keeps the taints that follow from the node's conditions. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { findCondition, isConditionTrue, setCondition } from '../../../types/conditions.ts';
import { Lease } from '../../../types/kinds/coordination/lease.ts';
import { Node } from '../../../types/kinds/core/node.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { byNodeName } from '../framework/pod-state.ts';
import { plannedTaints, silenceLimit, startupLimit, unknownConditions } from './plan.ts';

const leaseNamespace = 'kube-node-lease';

export const nodeController: Controller<Node> = {
  name: 'node-controller',
  kind: Node,
  alsoWatches: [
    {
      kind: Lease,
      concerns: ({ metadata }) =>
        metadata.namespace === leaseNamespace ? [{ namespace: '', name: metadata.name }] : [],
    },
  ],
  reconciler: (context) => new NodeReconciler(context).reconcile,
};

/** The last sign of life, and when it was seen by our own clock: the kubelet's may be wrong. */
interface Sign {
  readonly text: string;
  readonly seenAt: Milliseconds;
}

class NodeReconciler {
  readonly #context: ControllerContext;
  readonly #signs = new Map<string, Sign>();

  constructor(context: ControllerContext) {
    this.#context = context;
    context.informers.of(Lease);
    context.informers.of(Pod);
  }

  readonly reconcile: Reconcile = async (key): Promise<Outcome> => {
    const node = this.#context.informers.of(Node).get(key);
    if (!node) {
      this.#signs.delete(key.name);
      return {};
    }
    const silence = this.#silence(node);
    const limit = findCondition(node.status?.conditions, 'Ready') ? silenceLimit : startupLimit;
    const current = silence > limit ? await this.#markUnknown(node) : node;
    const taints = plannedTaints(current, this.#context.clock.now());
    if (taints) await this.#context.client.of(Node).update({ ...current, spec: { ...current.spec, taints } });
    if (!isConditionTrue(current.status?.conditions, 'Ready')) await this.#markPodsNotReady(key.name);
    return silence > limit ? {} : { requeueAfter: limit - silence + 1 };
  };

  #silence(node: Persisted<Node>): Milliseconds {
    const { clock, informers } = this.#context;
    const lease = informers.of(Lease).get({ namespace: leaseNamespace, name: node.metadata.name });
    const heartbeat = findCondition(node.status?.conditions, 'Ready');
    // What this controller itself writes into the condition must not pass for a sign of life.
    const text = [node.metadata.uid, lease?.spec?.renewTime, heartbeat?.lastHeartbeatTime].join(' ');
    const known = this.#signs.get(node.metadata.name);
    if (known?.text === text) return clock.monotonic() - known.seenAt;
    this.#signs.set(node.metadata.name, { text, seenAt: clock.monotonic() });
    return 0;
  }

  async #markUnknown(node: Persisted<Node>): Promise<Persisted<Node>> {
    const ready = findCondition(node.status?.conditions, 'Ready');
    if (ready?.status === 'Unknown') return node;
    const { client, clock, event } = this.#context;
    const conditions = unknownConditions(node, clock.now());
    const marked = await client.of(Node).updateStatus({ ...node, status: { ...node.status, conditions } });
    event(node, 'Normal', 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`);
    return marked;
  }

  /** Nobody answers for these pods any more, so that services must not send to them. */
  async #markPodsNotReady(node: string): Promise<void> {
    const { client, clock, event, informers } = this.#context;
    const pods = informers.of(Pod).indexed(byNodeName, node);
    const ready = pods.filter((pod) => isConditionTrue(pod.status?.conditions, 'Ready'));
    await Promise.all(
      ready.map(async (pod) => {
        const condition = findCondition(pod.status?.conditions, 'Ready');
        if (!condition) return;
        const lastTransitionTime = `${clock.now().toISOString().slice(0, 19)}Z`;
        const conditions = setCondition(pod.status?.conditions, { ...condition, status: 'False', lastTransitionTime });
        try {
          await client.of(Pod).updateStatus({ ...pod, status: { ...pod.status, conditions } });
          event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
        } catch (error) {
          if (!isFailure(error, 'NotFound')) throw error;
        }
      }),
    );
  }
}

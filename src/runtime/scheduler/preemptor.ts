/** Makes room for pods by taking less important ones off a node, and keeps the room for them. */
import type { Clock } from '../../shared/clock.ts';
import { setCondition } from '../../types/conditions.ts';
import { Pod } from '../../types/kinds/core/pod.ts';
import { PodDisruptionBudget } from '../../types/kinds/policy/pod-disruption-budget.ts';
import { keyOf, keyText } from '../../types/meta.ts';
import type { Persisted } from '../../types/meta.ts';
import { isFailure } from '../client/answers.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Informers } from '../client/informer.ts';
import type { ClusterView, Rejection, SchedulerPlugin } from './plugin.ts';
import { planPreemption, priorityOf } from './preemption.ts';

export interface PreemptorParts {
  readonly client: ApiClient;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly plugins: readonly SchedulerPlugin[];
  onError(error: unknown, what: string): void;
}

interface Nomination {
  readonly pod: Persisted<Pod>;
  readonly node: string;
}

export class Preemptor {
  readonly #parts: PreemptorParts;
  /** By uid of the pod that room was made for: the API hears of it a little later. */
  readonly #nominations = new Map<string, Nomination>();
  /** Uids of pods that were told to go, until they have. */
  readonly #victims = new Set<string>();

  constructor(parts: PreemptorParts) {
    this.#parts = parts;
  }

  /** The pod has gone, or has a node. */
  settled(uid: string, gone: boolean): void {
    this.#nominations.delete(uid);
    if (gone) this.#victims.delete(uid);
  }

  /** Room that `pod` must leave free: of those that are at least as important. */
  *reserved(pod: Pod): Iterable<Nomination> {
    for (const nomination of this.#nominations.values())
      if (nomination.pod.metadata.uid !== pod.metadata.uid && priorityOf(nomination.pod) >= priorityOf(pod))
        yield nomination;
  }

  /** Takes up what an earlier scheduler has begun. */
  remember(pod: Persisted<Pod>): void {
    const node = pod.status?.nominatedNodeName ?? '';
    if (node !== '' && !this.#nominations.has(pod.metadata.uid)) this.#nominations.set(pod.metadata.uid, { pod, node });
  }

  /** What is to be said of it behind the reasons why the pod fits nowhere; empty when room is being made. */
  preempt(
    pod: Persisted<Pod>,
    cluster: ClusterView,
    rejections: ReadonlyMap<string, Rejection>,
    events: EventRecorder,
  ): string {
    const { informers, plugins } = this.#parts;
    const known = this.#nominations.get(pod.metadata.uid);
    const plan = planPreemption({
      pod,
      cluster,
      plugins,
      rejections,
      budgets: informers.of(PodDisruptionBudget).list(),
      nominatedNode: known?.node,
      isLeaving: ({ metadata }) => metadata.deletionTimestamp !== undefined || this.#victims.has(metadata.uid ?? ''),
    });
    if ('message' in plan) {
      if (known && !plan.awaits) this.#withdraw(known);
      return plan.message;
    }
    for (const nomination of [...this.#nominations.values()])
      if (nomination.node === plan.node && priorityOf(nomination.pod) < priorityOf(pod)) this.#withdraw(nomination);
    this.#nominations.set(pod.metadata.uid, { pod, node: plan.node });
    if (known?.node !== plan.node) this.#nominate(pod, plan.node);
    const pods = informers.of(Pod);
    for (const { metadata } of plan.victims) {
      const victim = pods.get({ namespace: metadata.namespace ?? '', name: metadata.name ?? '' });
      if (!victim || victim.metadata.uid !== metadata.uid) continue;
      this.#victims.add(victim.metadata.uid);
      events.record(victim, 'Normal', 'Preempted', `Preempted by pod ${pod.metadata.uid} on node ${plan.node}`);
      this.#evict(victim, pod);
    }
    return '';
  }

  #withdraw({ pod }: Nomination): void {
    this.#nominations.delete(pod.metadata.uid);
    this.#nominate(pod, null);
  }

  #nominate(pod: Persisted<Pod>, nominatedNodeName: string | null): void {
    const patch = { status: { nominatedNodeName } };
    this.#parts.client
      .of(Pod)
      .patch(keyOf(pod), { type: 'strategic', patch }, { subresource: 'status' })
      .catch((error: unknown) => this.#failed(error, `nominating a node for ${keyText(keyOf(pod))}`));
  }

  #evict(victim: Persisted<Pod>, { spec }: Pod): void {
    const { client, clock } = this.#parts;
    const key = keyOf(victim);
    const [condition] = setCondition([], {
      type: 'DisruptionTarget',
      observedGeneration: victim.metadata.generation,
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${spec?.schedulerName ?? 'default-scheduler'}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: `${clock.now().toISOString().slice(0, 19)}Z`,
    });
    const { uid } = victim.metadata;
    const pods = client.of(Pod);
    const patch = JSON.parse(JSON.stringify({ metadata: { uid }, status: { conditions: [condition] } }));
    pods
      .patch(key, { type: 'strategic', patch }, { subresource: 'status' })
      .then(() => pods.delete(key, { preconditions: { uid } }))
      .catch((error: unknown) => {
        this.#victims.delete(uid);
        this.#failed(error, `preempting ${keyText(key)}`);
      });
  }

  #failed(error: unknown, what: string): void {
    // Gone, or another pod of the same name by now.
    if (!isFailure(error, 'NotFound', 'Conflict', 'Invalid')) this.#parts.onError(error, what);
  }
}

/** Takes pods without a node, binds them, and records why not. */
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { Component } from '../../shared/component.ts';
import { deepEqual } from '../../shared/deep.ts';
import { findCondition, setCondition } from '../../types/conditions.ts';
import type { Binding } from '../../types/kinds/core/binding.ts';
import { Namespace } from '../../types/kinds/core/namespace.ts';
import { Node } from '../../types/kinds/core/node.ts';
import { PersistentVolumeClaim } from '../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../types/kinds/core/persistent-volume.ts';
import { Pod } from '../../types/kinds/core/pod.ts';
import { PodDisruptionBudget } from '../../types/kinds/policy/pod-disruption-budget.ts';
import { StorageClass } from '../../types/kinds/storage/storage-class.ts';
import { keyOf, keyText } from '../../types/meta.ts';
import type { Persisted } from '../../types/meta.ts';
import type { PodCondition } from '../../types/kinds/generated/core-v1.gen.ts';
import { claimsOfPod } from '../../types/storage/claim-facts.ts';
import { isFailure } from '../client/answers.ts';
import type { ApiClient } from '../client/api-client.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import type { Informers, InformerEvent } from '../client/informer.ts';
import { decide, type Decision } from './decide.ts';
import { nodeInfo } from './node-info.ts';
import type { ClusterView } from './plugin.ts';
import { Preemptor } from './preemptor.ts';
import type { StorageView } from './storage-view.ts';
import { schedulerPlugins } from './plugins/index.ts';
import { bindVolumes } from './volume-binder.ts';
import { planVolumes } from './volume-plan.ts';
import type { VolumeWork } from './volume-plan.ts';

export interface SchedulerOptions {
  readonly client: ApiClient;
  readonly informers: Informers;
  readonly clock: Clock;
  onError(error: unknown, what: string): void;
}

const schedulerName = 'default-scheduler';
/** Bindings under way at once. */
const parallelBindings = 8;
/** How long a pod rests whose volumes could not be bound after all. */
const volumeRetry: Milliseconds = 1000;

interface Assumed {
  readonly pod: Persisted<Pod>;
  readonly node: string;
  /** What its volumes need before it can be bound; undefined for none. */
  readonly work: VolumeWork | undefined;
  readonly gone: AbortController;
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function isPending(pod: Pod): boolean {
  return (
    (pod.spec?.nodeName ?? '') === '' &&
    (pod.spec?.schedulerName ?? schedulerName) === schedulerName &&
    pod.metadata.deletionTimestamp === undefined &&
    !isFinished(pod)
  );
}

function usesClaims(pod: Pod): boolean {
  return claimsOfPod(pod).length > 0;
}

/** What the pod's volumes need on the node that was chosen; undefined for nothing. */
function workOf(pod: Pod, node: string, { nodes, storage }: ClusterView): VolumeWork | undefined {
  const chosen = nodes.find(({ name }) => name === node)?.node;
  const plan = chosen && planVolumes(pod, chosen, storage);
  return plan && 'take' in plan && plan.take.length + plan.provision.length > 0 ? plan : undefined;
}

export class Scheduler implements Component {
  readonly name = 'scheduler';
  readonly #options: SchedulerOptions;
  /** Pods that have to be looked at; a pod that fits nowhere waits for a change of the cluster. */
  readonly #queue = new Map<string, Persisted<Pod>>();
  readonly #waiting = new Map<string, Persisted<Pod>>();
  /** Decided, but not yet seen as bound in the local copy. */
  readonly #assumed = new Map<string, Assumed>();
  readonly #retries = new Set<Disposable>();
  readonly #preemptor: Preemptor;
  #binding = 0;
  #scheduled = false;
  #stopped = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#preemptor = new Preemptor({ ...options, plugins: schedulerPlugins });
  }

  async start(signal: AbortSignal): Promise<AsyncDisposable> {
    const { informers, client, clock } = this.#options;
    const pods = informers.of(Pod);
    const nodes = informers.of(Node);
    const namespaces = informers.of(Namespace);
    const storage = [informers.of(PersistentVolumeClaim), informers.of(PersistentVolume), informers.of(StorageClass)];
    const budgets = informers.of(PodDisruptionBudget);
    await Promise.all([
      pods.synced,
      nodes.synced,
      namespaces.synced,
      budgets.synced,
      ...storage.map(({ synced }) => synced),
    ]);
    signal.throwIfAborted();
    const events = new EventRecorder({
      client,
      clock,
      component: schedulerName,
      onError: (error) => this.#options.onError(error, 'recording an event'),
    });
    const subscriptions = [
      pods.subscribe((event) => this.#podChanged(event, events)),
      nodes.subscribe(() => this.#clusterChanged(events)),
      ...storage.map((informer) => informer.subscribe(() => this.#clusterChanged(events, usesClaims))),
    ];
    return {
      [Symbol.asyncDispose]: async () => {
        this.#stopped = true;
        for (const subscription of subscriptions) subscription[Symbol.dispose]();
        for (const retry of this.#retries) retry[Symbol.dispose]();
        for (const { gone } of this.#assumed.values()) gone.abort();
        await events[Symbol.asyncDispose]();
      },
    };
  }

  #podChanged({ type, object: pod }: InformerEvent<Pod>, events: EventRecorder): void {
    const { uid } = pod.metadata;
    const gone = type === 'delete';
    if (gone || (pod.spec?.nodeName ?? '') !== '') {
      if (gone) this.#assumed.get(uid)?.gone.abort();
      this.#assumed.delete(uid);
      this.#preemptor.settled(uid, gone);
    }
    if (gone || !isPending(pod)) {
      this.#queue.delete(uid);
      this.#waiting.delete(uid);
      // Room may have become free.
      if (gone || isFinished(pod)) this.#clusterChanged(events);
      return;
    }
    if (this.#assumed.has(uid)) return;
    this.#preemptor.remember(pod);
    if ((pod.spec?.schedulingGates ?? []).length > 0) return;
    // Its own status, which we write ourselves, is no reason to try again; its spec and labels are.
    const before = this.#waiting.get(uid);
    if (
      before &&
      before.metadata.generation === pod.metadata.generation &&
      deepEqual(before.metadata.labels, pod.metadata.labels)
    ) {
      this.#waiting.set(uid, pod);
      return;
    }
    this.#waiting.delete(uid);
    this.#queue.set(uid, pod);
    this.#wake(events);
  }

  /** Pods that wait are looked at again: all, or those that the change may help. */
  #clusterChanged(events: EventRecorder, concerns: (pod: Pod) => boolean = () => true): void {
    for (const [uid, pod] of [...this.#waiting]) {
      if (!concerns(pod)) continue;
      this.#waiting.delete(uid);
      this.#queue.set(uid, pod);
    }
    this.#wake(events);
  }

  /** Once per turn of the event loop: a burst of pods is sorted by priority before the first is placed. */
  #wake(events: EventRecorder): void {
    if (this.#scheduled || this.#stopped || this.#queue.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#work(events);
    });
  }

  #work(events: EventRecorder): void {
    if (this.#stopped) return;
    const order = [...this.#queue.values()].sort((a, b) => (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0));
    for (const pod of order) {
      if (this.#binding >= parallelBindings) return;
      const { uid } = pod.metadata;
      this.#queue.delete(uid);
      const view = this.#view(pod);
      const decision = decide(pod, view, schedulerPlugins);
      if ('node' in decision) {
        const assumed = {
          pod,
          node: decision.node,
          work: workOf(pod, decision.node, view),
          gone: new AbortController(),
        };
        this.#assumed.set(uid, assumed);
        if (assumed.work) this.#bindVolumes(assumed, assumed.work, events);
        else this.#bind(pod, decision.node, events);
      } else {
        this.#fitsNowhere(pod, decision, view, events);
      }
    }
  }

  #fitsNowhere(
    pod: Persisted<Pod>,
    { message, rejections }: Exclude<Decision, { node: string }>,
    view: ClusterView,
    events: EventRecorder,
  ): void {
    this.#waiting.set(pod.metadata.uid, pod);
    const preemption = view.nodes.length === 0 ? '' : this.#preemptor.preempt(pod, view, rejections, events);
    const text = preemption === '' ? message : `${message} preemption: ${preemption}`;
    events.record(pod, 'Warning', 'FailedScheduling', text);
    this.#setUnschedulable(pod, text);
  }

  /** The cluster as it is for this pod: with the room that is kept for more important ones. */
  #view(pod: Pod): ClusterView {
    const { informers } = this.#options;
    const byNode = new Map<string, Pod[]>();
    const place = (node: string, pod: Pod): void => {
      const there = byNode.get(node);
      if (there) there.push(pod);
      else byNode.set(node, [pod]);
    };
    for (const there of informers.of(Pod).list()) {
      const node = there.spec?.nodeName ?? '';
      if (node !== '' && !isFinished(there)) place(node, there);
    }
    for (const assumed of this.#assumed.values()) place(assumed.node, assumed.pod);
    for (const nomination of this.#preemptor.reserved(pod)) place(nomination.node, nomination.pod);
    const namespaces = informers.of(Namespace);
    return {
      nodes: informers
        .of(Node)
        .list()
        .map((node) => nodeInfo(node, byNode.get(node.metadata.name) ?? [])),
      namespaceLabels: (name) => namespaces.get({ namespace: '', name })?.metadata.labels ?? {},
      storage: this.#storage(),
    };
  }

  #storage(): StorageView {
    const { informers } = this.#options;
    const volumes = informers.of(PersistentVolume);
    const taken = [...this.#assumed.values()].flatMap(({ work }) => work?.take ?? []);
    return {
      claim: (namespace, name) => informers.of(PersistentVolumeClaim).get({ namespace, name }),
      volume: (name) => volumes.get({ namespace: '', name }),
      volumes: () => volumes.list(),
      storageClass: (name) => informers.of(StorageClass).get({ namespace: '', name }),
      promised: new Map(taken.map(({ claim, volume }) => [volume.metadata.name, keyText(keyOf(claim))])),
    };
  }

  /** Beside other pods: a volume may take its time. */
  #bindVolumes({ pod, node, gone }: Assumed, work: VolumeWork, events: EventRecorder): void {
    const { uid } = pod.metadata;
    bindVolumes(this.#options, work, node, gone.signal).then(
      () => {
        if (!this.#stopped && this.#assumed.has(uid)) this.#bind(pod, node, events);
      },
      (error: unknown) => {
        if (gone.signal.aborted) return;
        this.#assumed.delete(uid);
        // Somebody else wrote in between: the next attempt sees what they wrote.
        if (!isFailure(error, 'Conflict', 'NotFound')) {
          const text = error instanceof Error ? error.message : String(error);
          const message = `running PreBind plugin "VolumeBinding": binding volumes: ${text}`;
          events.record(pod, 'Warning', 'FailedScheduling', message);
        }
        this.#retryLater(pod, events);
      },
    );
  }

  #retryLater(pod: Persisted<Pod>, events: EventRecorder): void {
    const { uid } = pod.metadata;
    this.#waiting.set(uid, pod);
    const retry = this.#options.clock.schedule(volumeRetry, () => {
      this.#retries.delete(retry);
      const waiting = this.#waiting.get(uid);
      if (!waiting) return;
      this.#waiting.delete(uid);
      this.#queue.set(uid, waiting);
      this.#wake(events);
    });
    this.#retries.add(retry);
  }

  #bind(pod: Persisted<Pod>, node: string, events: EventRecorder): void {
    const { client, onError } = this.#options;
    const key = keyOf(pod);
    const binding: Binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace: key.namespace, name: key.name, uid: pod.metadata.uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    this.#binding += 1;
    client
      .of(Pod)
      .postSubresource(key, 'binding', binding)
      .then(
        () => events.record(pod, 'Normal', 'Scheduled', `Successfully assigned ${keyText(key)} to ${node}`),
        (error: unknown) => {
          this.#assumed.delete(pod.metadata.uid);
          // Deleted or bound by somebody else meanwhile: the watch tells.
          if (isFailure(error, 'NotFound', 'Conflict')) return;
          onError(error, `binding ${keyText(key)}`);
          this.#waiting.set(pod.metadata.uid, pod);
        },
      )
      .finally(() => {
        this.#binding -= 1;
        this.#wake(events);
      });
  }

  #setUnschedulable(pod: Persisted<Pod>, message: string): void {
    const current = findCondition(pod.status?.conditions, 'PodScheduled');
    if (current?.status === 'False' && current.message === message) return;
    const condition: PodCondition = {
      type: 'PodScheduled',
      observedGeneration: pod.metadata.generation,
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: `${this.#options.clock.now().toISOString().slice(0, 19)}Z`,
    };
    const [next] = setCondition(current ? [current] : [], condition);
    const patch = JSON.parse(JSON.stringify({ status: { conditions: [next] } }));
    this.#options.client
      .of(Pod)
      .patch(keyOf(pod), { type: 'strategic', patch }, { subresource: 'status' })
      .catch((error: unknown) => {
        if (!isFailure(error, 'NotFound'))
          this.#options.onError(error, `recording why ${keyText(keyOf(pod))} is pending`);
      });
  }
}

/** Runs the pods that are bound to this node: one worker for each, fed by the API's and the engine's events. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep, type Clock, type Milliseconds } from '../../shared/clock.ts';
import type { Component } from '../../shared/component.ts';
import { DisposeStack } from '../../shared/dispose.ts';
import { effectiveCapabilities } from '../../shared/process-files.ts';
import { ConfigMap } from '../../types/kinds/core/config-map.ts';
import { PersistentVolumeClaim } from '../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../types/kinds/core/persistent-volume.ts';
import { Node } from '../../types/kinds/core/node.ts';
import { Pod } from '../../types/kinds/core/pod.ts';
import { Secret } from '../../types/kinds/core/secret.ts';
import { keyOf, keyText } from '../../types/meta.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../types/meta.ts';
import { claimKeyOf, claimsOfPod } from '../../types/storage/claim-facts.ts';
import type { UsageDocument } from '../apiserver/usage/usage-source.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { InformerEvent, Informers } from '../client/informer.ts';
import {
  EngineError,
  type ContainerEngine,
  type ContainerSummary,
  type EngineInfo,
  type Labels,
} from '../engine/container-engine.ts';
import { ensurePauseImage } from '../engine/pause-image.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import { ContainerStreams } from './container-streams.ts';
import { byPod, removeOrphan } from './housekeeping.ts';
import { Images } from './images.ts';
import type { KubeletContext, PodDrain, RecordPodEvent } from './kubelet-context.ts';
import { NodeRegistration } from './node-registration.ts';
import { NodeDocuments } from './node-documents.ts';
import { nodeAllocatable } from './node-status.ts';
import { LABEL, clusterLabels } from './pod-containers.ts';
import { admitPod, type PodRejection } from './pod-admission.ts';
import { isFinished } from './pod-plan.ts';
import { judgeResize } from './pod-resize.ts';
import { PodFolders } from './pod-folders.ts';
import { PodSources, referencedNames } from './pod-sources.ts';
import { PodWorker } from './pod-worker.ts';
import { parseResolverConfig } from './resolver-config.ts';
import { StartGate } from './start-gate.ts';
import { meteredContainers } from './usage/metered-containers.ts';
import { UsageMeter, type Metered } from './usage/usage-meter.ts';

export interface KubeletOptions {
  /** Name of the cluster, as it stands in every container's label. */
  readonly cluster: string;
  readonly nodeName: string;
  /** The cluster's data folder, absolute. */
  readonly dataFolder: string;
  readonly clusterDomain: string;
  /** The cluster's DNS server as pods reach it; undefined when there is none. */
  readonly clusterDns: string | undefined;
  /** `v1.36.0` */
  readonly kubeletVersion: string;
}

export interface KubeletParts {
  readonly client: ApiClient;
  readonly informers: Informers;
  readonly engine: ContainerEngine;
  readonly network: PodNetwork;
  readonly drain: PodDrain;
  readonly clock: Clock;
  readonly record: RecordPodEvent;
  onError(error: unknown): void;
}

const ENGINE_RETRY: Milliseconds = 1000;

interface EngineReady {
  readonly info: EngineInfo;
  readonly pauseImage: string;
}

export class Kubelet implements Component {
  readonly name = 'kubelet';
  readonly streams: ContainerStreams;
  readonly usage: UsageMeter;
  readonly #parts: KubeletParts;
  readonly #options: KubeletOptions;
  readonly #own: Labels;
  readonly #workers = new Map<string, PodWorker>();
  readonly #orphans = new Map<string, Promise<void>>();
  readonly #departures = new Set<Promise<void>>();
  readonly #documents: NodeDocuments;
  #node: NodeRegistration | undefined;

  constructor(parts: KubeletParts, options: KubeletOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#own = clusterLabels(options.cluster, options.dataFolder);
    const observed = (pod: Pod): PodWorker['observed'] | undefined =>
      this.#workers.get(pod.metadata.uid ?? '')?.observed;
    this.streams = new ContainerStreams({ engine: parts.engine, clock: parts.clock, observed });
    const running = (pod?: Pod): Iterable<Metered> =>
      pod
        ? meteredContainers(pod, observed(pod))
        : [...this.#workers.values()].flatMap((worker) => [...meteredContainers(worker.pod, worker.observed)]);
    this.#documents = new NodeDocuments({ ...options, running, pods: () => this.#workers.size });
    const other = (path: string): UsageDocument | undefined => this.#documents.document(path);
    const { clock, onError } = parts;
    this.usage = new UsageMeter({ clock, nodeName: options.nodeName, running, other, onError });
  }

  /**
   * Resolves when the node is registered and every pod that ran before has been taken up. An engine that does not answer
   * makes the node NotReady, until it does. Disposing the result leaves all containers running.
   */
  async start(signal: AbortSignal): Promise<AsyncDisposable> {
    const undo = new DisposeStack();
    try {
      await this.#begin(undo, signal);
    } catch (error) {
      await undo[Symbol.asyncDispose]();
      throw error;
    }
    return undo;
  }

  async #begin(undo: DisposeStack, signal: AbortSignal): Promise<void> {
    const node = this.#registration();
    undo.defer(() => node.stop());
    try {
      await this.#work(node, await this.#ask(signal), undo, signal);
    } catch (error) {
      if (!(error instanceof EngineError) || error.reason !== 'Unreachable') throw error;
      await node.engineMissing(error.message);
      this.#beginLater(node, undo);
    }
  }

  #registration(): NodeRegistration {
    const { dataFolder, nodeName, kubeletVersion } = this.#options;
    const address = this.#parts.network.gateway;
    const node = new NodeRegistration(this.#parts, { nodeName, address, kubeletVersion, dataFolder });
    this.#node = node;
    return node;
  }

  #beginLater(node: NodeRegistration, undo: DisposeStack): void {
    const given = new AbortController();
    const working = new DisposeStack();
    const begun = this.#whenBack(given.signal).then((ready) => this.#work(node, ready, working, given.signal));
    begun.catch((error: unknown) => {
      if (!given.signal.aborted) this.#parts.onError(error);
    });
    undo.defer(async () => {
      given.abort();
      await begun.catch(() => undefined);
      await working[Symbol.asyncDispose]();
    });
  }

  async #whenBack(signal: AbortSignal): Promise<EngineReady> {
    for (;;) {
      await sleep(this.#parts.clock, ENGINE_RETRY, signal);
      try {
        return await this.#ask(signal);
      } catch (error) {
        if (!(error instanceof EngineError) || error.reason !== 'Unreachable') throw error;
      }
    }
  }

  async #ask(signal: AbortSignal): Promise<EngineReady> {
    const { engine } = this.#parts;
    const [info, pauseImage] = await Promise.all([engine.info(signal), ensurePauseImage(engine, signal)]);
    return { info, pauseImage };
  }

  async #work(node: NodeRegistration, ready: EngineReady, undo: DisposeStack, signal: AbortSignal): Promise<void> {
    const { engine, informers } = this.#parts;
    const context = await this.#contextFor(node, ready, undo);
    const pods = informers.of(Pod);
    await Promise.all([pods.synced, informers.of(ConfigMap).synced, informers.of(Secret).synced]);
    signal.throwIfAborted();
    const found = byPod(await engine.list(this.#own));
    const stopped = new AbortController();
    undo.defer(() => this.#stopWorkers());
    undo.use(pods.subscribe((event) => this.#onPod(context, event, found)));
    undo.use(informers.of(ConfigMap).subscribe((event) => this.#onSource('configMaps', event)));
    undo.use(informers.of(Secret).subscribe((event) => this.#onSource('secrets', event)));
    undo.use(informers.of(PersistentVolumeClaim).subscribe(({ object }) => this.#onClaim(keyOf(object))));
    undo.use(informers.of(PersistentVolume).subscribe(({ object }) => this.#onClaim(claimKeyOf(object))));
    const listening = this.#listen(context, stopped.signal);
    undo.use(this.usage.start());
    undo.defer(async () => {
      stopped.abort();
      await listening;
    });
  }

  async #contextFor(node: NodeRegistration, ready: EngineReady, undo: DisposeStack): Promise<KubeletContext> {
    const { info, pauseImage } = ready;
    const { client, engine, network, drain, clock, record, onError } = this.#parts;
    const { clusterDomain, clusterDns, dataFolder, nodeName } = this.#options;
    const folders = new PodFolders(dataFolder);
    await folders.prepare();
    const sources = new PodSources(client);
    const images = undo.use(new Images({ engine, sources, clock }));
    const facts = await node.register(info);
    const host = parseResolverConfig(await readFile('/etc/resolv.conf', 'utf8'));
    const machine = {
      memoryBytes: info.memoryBytes,
      cgroupDriver: info.cgroupDriver,
      canLowerOomScore: await canLowerOomScore(),
    };
    return {
      ...{
        own: this.#own,
        nodeName,
        client,
        engine,
        network,
        clock,
        record,
        drain,
        images,
        sources,
        folders,
        machine,
        pauseImage,
      },
      gate: new StartGate(Math.max(2, info.cpus * 2)),
      dns: { clusterDomain, clusterDns, host },
      allocatable: nodeAllocatable(facts),
      seccompFolder: join(dataFolder, 'seccomp'),
      probed: (pod, container, type, ok) => this.#documents.probed(pod, container, type, ok),
      onEngineTrouble: (error) => {
        if (error.reason === 'Unreachable') node.engineHealth(error.message);
      },
      onError,
    };
  }

  #onPod(
    context: KubeletContext,
    event: InformerEvent<Pod>,
    found: ReadonlyMap<string, readonly ContainerSummary[]>,
  ): void {
    const pod = event.object;
    if (pod.spec?.nodeName !== this.#options.nodeName) return;
    const { uid } = pod.metadata;
    const worker = this.#workers.get(uid);
    if (event.type === 'delete') {
      if (worker) this.#depart(uid, worker);
      return;
    }
    if (worker) {
      worker.update(pod);
      return;
    }
    const isNew = pod.status?.startTime === undefined && !found.has(uid);
    const { allocatable } = context;
    const made = new PodWorker(context, pod, {
      rejection: isNew ? this.#rejectionOf(pod, allocatable) : undefined,
      judgeResize: (asking) => judgeResize(asking, { allocatable, others: this.#held(asking) }),
    });
    this.#workers.set(uid, made);
    made.relisted(new Set((found.get(uid) ?? []).map(({ id }) => id)));
    made.update(pod);
  }

  /** The scheduler has looked already, but not every pod comes by way of it. */
  #rejectionOf(pod: Persisted<Pod>, allocatable: Readonly<Record<string, string>>): PodRejection | undefined {
    const node = this.#parts.informers.of(Node).get({ namespace: '', name: this.#options.nodeName });
    return admitPod(pod, { node, allocatable, pods: this.#held(pod) });
  }

  /** What the others hold of the node. */
  #held(but: Persisted<Pod>): readonly Persisted<Pod>[] {
    const pods = this.#parts.informers.of(Pod);
    const isThere = ({ metadata: { namespace = '', name, uid } }: Persisted<Pod>): boolean =>
      uid !== but.metadata.uid && pods.get({ namespace, name })?.metadata.uid === uid;
    const admitted = [...this.#workers.values()].filter(({ rejection }) => rejection === undefined);
    return admitted.map(({ granted }) => granted).filter((other) => isThere(other) && !isFinished(other));
  }

  #depart(uid: string, worker: PodWorker): void {
    worker.removed();
    const departure = worker.gone.then(async () => {
      this.#workers.delete(uid);
      this.#documents.forget(uid);
      this.#departures.delete(departure);
      await worker.stop();
    });
    this.#departures.add(departure);
    departure.catch((error: unknown) => this.#parts.onError(error));
  }

  #onSource(list: 'configMaps' | 'secrets', event: InformerEvent<KubeObject>): void {
    const { namespace = '', name = '' } = event.object.metadata;
    for (const worker of this.#workers.values()) {
      const pod: Persisted<Pod> = worker.pod;
      if (pod.metadata.namespace === namespace && referencedNames(pod)[list].has(name)) worker.sourcesChanged();
    }
  }

  #onClaim(key: ObjectKey | undefined): void {
    if (!key) return;
    const text = keyText(key);
    for (const worker of this.#workers.values()) if (claimsOfPod(worker.pod).includes(text)) worker.sourcesChanged();
  }

  async #listen(context: KubeletContext, signal: AbortSignal): Promise<void> {
    const labels = this.#own;
    for await (const event of context.engine.events(labels, signal)) {
      if (signal.aborted) return;
      if (event.type === 'gap') await this.#relist(context);
      else this.#workers.get(event.labels[LABEL.podUid] ?? '')?.engineEvent(event);
    }
  }

  async #relist(context: KubeletContext): Promise<void> {
    try {
      const found = byPod(await context.engine.list(this.#own));
      this.#node?.engineHealth(undefined);
      for (const [uid, worker] of this.#workers) worker.relisted(new Set((found.get(uid) ?? []).map(({ id }) => id)));
      const uids = new Set([...found.keys(), ...(await context.folders.uids())]);
      for (const uid of uids) this.#sweep(context, uid, found.get(uid) ?? []);
    } catch (error) {
      // The engine went away again: its return is another gap.
      if (error instanceof EngineError) context.onEngineTrouble(error);
      else context.onError(error);
    }
  }

  #sweep(context: KubeletContext, uid: string, containers: readonly ContainerSummary[]): void {
    if (this.#workers.has(uid) || this.#orphans.has(uid)) return;
    const sweeping = removeOrphan(context, uid, containers)
      .catch((error: unknown) => context.onError(error))
      .finally(() => this.#orphans.delete(uid));
    this.#orphans.set(uid, sweeping);
  }

  async #stopWorkers(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
    this.#workers.clear();
  }
}

/** Removes what kubelets of this data folder have left on the host: for a cluster that is deleted. */
export function removePodFolders(dataFolder: string): Promise<void> {
  return new PodFolders(dataFolder).removeAll();
}

const CAP_SYS_RESOURCE = 24n;

/** The daemon's and the engine's capabilities are taken to be the same: both are the machine's root. */
async function canLowerOomScore(): Promise<boolean> {
  const capabilities = effectiveCapabilities(await readFile('/proc/self/status', 'utf8'));
  return ((capabilities >> CAP_SYS_RESOURCE) & 1n) === 1n;
}

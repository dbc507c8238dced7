/** A kubelet with everything around it that it needs, for tests. */
import type { ContainerEngine } from '../../../src/runtime/engine/container-engine.ts';
import { InformerSet } from '../../../src/runtime/client/informer.ts';
import { Kubelet } from '../../../src/runtime/kubelet/kubelet.ts';
import type { PodDrain } from '../../../src/runtime/kubelet/kubelet-context.ts';
import type { PodAddress, PodIdentity, PodNetwork } from '../../../src/runtime/network/pod-network.ts';
import type { Clock } from '../../../src/shared/clock.ts';
import { Node } from '../../../src/types/kinds/core/node.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import type { Persisted } from '../../../src/types/meta.ts';
import type { PodSpec } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { ObjectTable } from './object-table.ts';

/** Gives addresses that lead nowhere. */
export class PaperNetwork implements PodNetwork {
  readonly name = 'network';
  readonly podCidr = '10.99.0.0/24';
  readonly gateway = '127.0.0.1';
  readonly attached = new Map<string, string>();
  #next = 2;

  async start(): Promise<AsyncDisposable> {
    return { [Symbol.asyncDispose]: async () => undefined };
  }

  async attach(pod: PodIdentity): Promise<PodAddress> {
    const ip = `10.99.0.${this.#next++}`;
    this.attached.set(pod.uid, ip);
    return { ip };
  }

  async adopt(pod: PodIdentity): Promise<PodAddress | undefined> {
    const ip = this.attached.get(pod.uid);
    return ip === undefined ? undefined : { ip };
  }

  async detach(uid: string): Promise<void> {
    this.attached.delete(uid);
  }
}

export interface BenchOptions {
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly dataFolder: string;
  readonly cluster: string;
  readonly network?: PodNetwork;
  readonly table?: ObjectTable;
  readonly drain?: PodDrain;
}

export const NODE = 'node';

export class KubeletBench implements AsyncDisposable {
  readonly table: ObjectTable;
  readonly network: PodNetwork;
  /** `reason: message` in the order in which they happened. */
  readonly events: string[] = [];
  readonly errors: unknown[] = [];
  readonly kubelet: Kubelet;
  readonly #informers: InformerSet;
  #running: AsyncDisposable | undefined;

  private constructor(readonly options: BenchOptions) {
    this.table = options.table ?? new ObjectTable();
    this.network = options.network ?? new PaperNetwork();
    const onError = (error: unknown): void => void this.errors.push(error);
    this.#informers = new InformerSet(this.table, { clock: options.clock, onError });
    const drain = options.drain ?? { whenUnrouted: async () => undefined };
    const { engine, clock, dataFolder, cluster } = options;
    this.kubelet = new Kubelet(
      {
        ...{ client: this.table, informers: this.#informers, engine, network: this.network, drain, clock, onError },
        record: (_about, _type, reason, message) => void this.events.push(`${reason}: ${message}`),
      },
      {
        ...{ cluster, nodeName: NODE, dataFolder, kubeletVersion: 'v1.36.0' },
        ...{ clusterDomain: 'cluster.local', clusterDns: '10.96.0.10' },
      },
    );
  }

  static async start(options: BenchOptions): Promise<KubeletBench> {
    const bench = new KubeletBench(options);
    bench.#running = await bench.kubelet.start(new AbortController().signal);
    return bench;
  }

  createPod(name: string, spec: PodSpec): Persisted<Pod> {
    const metadata = { name, namespace: 'default', uid: `${name}-uid`, generation: 1 };
    this.table.put(Pod, podObject({ metadata, spec: { ...spec, nodeName: NODE } }));
    return this.pod(name);
  }

  pod(name: string): Persisted<Pod> {
    const found = this.find(name);
    if (!found) throw new Error(`there is no pod ${name}`);
    return found;
  }

  find(name: string): Persisted<Pod> | undefined {
    const row = this.table.row(Pod, { namespace: 'default', name });
    return row && isPod(row) ? row : undefined;
  }

  node(): Node | undefined {
    const row = this.table.row(Node, { namespace: '', name: NODE });
    return row && isNode(row) ? row : undefined;
  }

  /** Resolves with the pod once the condition holds for it. */
  until(name: string, condition: (pod: Persisted<Pod>) => boolean): Promise<Persisted<Pod>> {
    return this.table.until(() => {
      const pod = this.find(name);
      return pod && condition(pod) ? pod : undefined;
    });
  }

  untilReady(name: string): Promise<Persisted<Pod>> {
    return this.until(name, isReady);
  }

  untilGone(name: string): Promise<true> {
    return this.table.until(() => (this.find(name) ? undefined : true));
  }

  /** Stops the kubelet and leaves its containers running. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
    await this.#informers[Symbol.asyncDispose]();
  }
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function podObject(rest: Pick<Pod, 'metadata' | 'spec'>): Pod {
  return { apiVersion: 'v1', kind: 'Pod', ...rest };
}

function isPod<T extends { kind: string }>(row: T): row is T & Persisted<Pod> {
  return row.kind === 'Pod';
}

function isNode<T extends { kind: string }>(row: T): row is T & Persisted<Node> {
  return row.kind === 'Node';
}

/** The node's object and lease: made at the start, renewed as long as this runs. */
import { readdir, readFile, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../../shared/error-code.ts';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { deepEqual } from '../../shared/deep.ts';
import { Lease } from '../../types/kinds/coordination/lease.ts';
import { Node } from '../../types/kinds/core/node.ts';
import type { NodeStatus } from '../../types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../types/meta.ts';
import { ApiFailure, type ApiClient } from '../client/api-client.ts';
import type { ContainerEngine, EngineInfo } from '../engine/container-engine.ts';
import { nodeLabels, nodeStatus, pressureOf, withReady, type FreeSpace, type MachineFacts } from './node-status.ts';

export interface NodeIdentity {
  readonly nodeName: string;
  readonly address: string;
  readonly kubeletVersion: string;
  /** Whose file system's size counts as the node's. */
  readonly dataFolder: string;
}

const HEARTBEAT: Milliseconds = 10_000;
const STATUS_PERIOD: Milliseconds = 300_000;
const LEASE_SECONDS = 40;
const LEASE_NAMESPACE = 'kube-node-lease';

export class NodeRegistration {
  readonly #client: ApiClient;
  readonly #engine: ContainerEngine;
  readonly #clock: Clock;
  readonly #identity: NodeIdentity;
  readonly #onError: (error: unknown) => void;
  #facts: MachineFacts | undefined;
  #node: Persisted<Node> | undefined;
  #trouble: string | undefined;
  #statusDue = 0;
  #timer: Disposable | undefined;
  #beating: Promise<void> | undefined;
  #stopped = false;

  constructor(
    parts: {
      readonly client: ApiClient;
      readonly engine: ContainerEngine;
      readonly clock: Clock;
      onError(error: unknown): void;
    },
    identity: NodeIdentity,
  ) {
    this.#client = parts.client;
    this.#engine = parts.engine;
    this.#clock = parts.clock;
    this.#identity = identity;
    this.#onError = (error) => parts.onError(error);
  }

  /** Resolves when the node is in the API with its status. */
  async register(engine: EngineInfo): Promise<MachineFacts> {
    const facts = await this.#gather(engine);
    this.#trouble = undefined;
    this.#facts = facts;
    await this.#writeNode(facts);
    this.#beat();
    return facts;
  }

  /** Resolves when the API knows that the node, which may be new to it, cannot run pods, and why. */
  async engineMissing(trouble: string): Promise<void> {
    this.#trouble = trouble;
    const { nodeName } = this.#identity;
    const key = { namespace: '', name: nodeName };
    const nodes = this.#client.of(Node);
    const found = await nodes.get(key);
    const node =
      found ?? (await nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName }, spec: {} }));
    const conditions = withReady(node, { now: this.#clock.now(), trouble });
    await nodes.updateStatus({ ...node, status: { ...node.status, conditions } });
    await this.#renewLease();
  }

  /** The engine answers, or does not and why. A change is written at once. */
  engineHealth(trouble: string | undefined): void {
    if (this.#trouble === trouble) return;
    const changed = (this.#trouble === undefined) !== (trouble === undefined);
    this.#trouble = trouble;
    if (!changed) return;
    this.#statusDue = 0;
    this.#beat();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    await this.#beating;
  }

  #beat(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#stopped || this.#beating) return;
    this.#beating = this.#heartbeat()
      .catch((error: unknown) => this.#onError(error))
      .finally(() => {
        this.#beating = undefined;
        if (this.#stopped) return;
        const soon = this.#statusDue === 0;
        this.#timer = this.#clock.schedule(soon ? 1000 : HEARTBEAT, () => this.#beat());
      });
  }

  async #heartbeat(): Promise<void> {
    await this.#checkEngine();
    await this.#checkPressure();
    await this.#checkAnnounced();
    const facts = this.#facts;
    if (facts && this.#clock.monotonic() >= this.#statusDue) {
      this.#facts =
        this.#trouble === undefined
          ? await this.#gather(facts.engine)
          : { ...facts, ...(await freeSpace(this.#identity.dataFolder)) };
      await this.#writeNode(this.#facts);
    }
    await this.#renewLease();
  }

  /** The status is written seldom, unless it would say something new. */
  async #checkPressure(): Promise<void> {
    if (!this.#facts) return;
    const now = pressureOf(await freeSpace(this.#identity.dataFolder));
    if (!deepEqual(now, pressureOf(this.#facts))) this.#statusDue = 0;
  }

  /** What others announce of the node can be had as soon as its status says so. */
  async #checkAnnounced(): Promise<void> {
    const node = await this.#client.of(Node).get({ namespace: '', name: this.#identity.nodeName });
    if (!node || deepEqual(extended(node.status?.capacity), extended(node.status?.allocatable))) return;
    this.#node = node;
    this.#statusDue = 0;
  }

  async #checkEngine(): Promise<void> {
    const before = this.#trouble;
    try {
      // The cheapest question: `info` makes Docker count everything it has.
      await this.#engine.image('kubewright.dev/none');
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    }
    if ((before === undefined) !== (this.#trouble === undefined)) this.#statusDue = 0;
  }

  async #writeNode(facts: MachineFacts): Promise<void> {
    const nodes = this.#client.of(Node);
    const { nodeName } = this.#identity;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const current = (attempt === 0 ? this.#node : undefined) ?? (await this.#ensureNode(facts));
      const health = { now: this.#clock.now(), trouble: this.#trouble };
      try {
        this.#node = await nodes.updateStatus({ ...current, status: nodeStatus(current, facts, nodeName, health) });
        this.#statusDue = this.#clock.monotonic() + STATUS_PERIOD;
        return;
      } catch (error) {
        this.#node = undefined;
        if (!(error instanceof ApiFailure) || (error.reason !== 'Conflict' && error.reason !== 'NotFound')) throw error;
      }
    }
  }

  async #ensureNode(facts: MachineFacts): Promise<Persisted<Node>> {
    const nodes = this.#client.of(Node);
    const { nodeName } = this.#identity;
    const labels = nodeLabels(facts, nodeName);
    const found = await nodes.get({ namespace: '', name: nodeName });
    if (!found) {
      const metadata = { name: nodeName, labels };
      return nodes.create({ apiVersion: 'v1', kind: 'Node', metadata, spec: {} });
    }
    const wanted = { ...found.metadata.labels, ...labels };
    if (deepEqual(found.metadata.labels, wanted)) return found;
    const patch = { metadata: { labels } };
    return nodes.patch({ namespace: '', name: nodeName }, { type: 'merge', patch });
  }

  async #renewLease(): Promise<void> {
    const leases = this.#client.of(Lease);
    const { nodeName } = this.#identity;
    const key = { namespace: LEASE_NAMESPACE, name: nodeName };
    const renewTime = this.#clock.now().toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS, renewTime };
    try {
      await leases.patch(key, { type: 'merge', patch: { spec } });
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.reason !== 'NotFound') throw error;
      const uid = this.#node?.metadata.uid;
      const owner = uid === undefined ? [] : [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }];
      const metadata = { ...key, ownerReferences: owner };
      await leases.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
    }
  }

  async #gather(engine: EngineInfo): Promise<MachineFacts> {
    const { address, kubeletVersion, nodeName, dataFolder } = this.#identity;
    const disk = await statfs(dataFolder);
    const bootId = await readLine('/proc/sys/kernel/random/boot_id');
    const machineId = await readLine('/etc/machine-id');
    return {
      engine,
      hostname: nodeName,
      address,
      kubeletVersion,
      diskBytes: disk.blocks * disk.bsize,
      ...(await freeSpace(dataFolder)),
      hugePages: await hugePages(),
      machineId: machineId || bootId.replaceAll('-', ''),
      bootId,
      systemUuid: (await readLine('/sys/class/dmi/id/product_uuid')) || bootId,
      images: await this.#engine.images(),
    };
  }
}

/** Resources that are not the kubelet's own. */
function extended(resources: NodeStatus['capacity'] = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(resources).filter(([name]) => name.includes('/')));
}

async function freeSpace(folder: string): Promise<FreeSpace> {
  const disk = await statfs(folder);
  return { diskFreeBytes: disk.bavail * disk.bsize, memoryFreeBytes: freemem() };
}

/** Empty when there is no such file here. */
async function readLine(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

async function hugePages(): Promise<ReadonlyMap<string, number>> {
  const folder = '/sys/kernel/mm/hugepages';
  const found = new Map<string, number>();
  try {
    for (const name of await readdir(folder)) {
      found.set(name.replace('hugepages-', ''), Number(await readLine(join(folder, name, 'nr_hugepages'))) || 0);
    }
  } catch (error) {
    // A kernel without huge pages has none.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  return found;
}

/** What the API server needs of whoever measures pods and nodes. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';

export interface Usage {
  /** 10^9 is one core. */
  readonly cpuNanoCores: number;
  /** The working set: what could not be given back under pressure. */
  readonly memoryBytes: number;
}

/** Over the `window` that ended at `timestamp`. */
export interface Measured {
  readonly timestamp: Date;
  readonly window: Milliseconds;
}

export interface PodUsage extends Measured {
  /** By container name: those that run. */
  readonly containers: ReadonlyMap<string, Usage>;
}

export interface NodeUsage extends Measured {
  readonly usage: Usage;
}

/** One of a kubelet's own documents. */
export interface UsageDocument {
  readonly contentType: string;
  readonly text: string;
  /** Comes after the text. */
  readonly chunks?: AsyncIterable<Uint8Array>;
}

export interface UsageSource {
  /** Undefined for a pod of which no container has run long enough to be measured. */
  pod(pod: Pod): PodUsage | undefined;
  node(name: string): NodeUsage | undefined;
  /** What the node's kubelet answers at a path such as `stats/summary`; undefined for one that it does not have, and for another node. */
  document(node: string, path: string): UsageDocument | undefined;
}

import type { Milliseconds } from '../../shared/clock.ts';

/** What a pod's end waits for before its containers are asked to stop. */
export interface PodDrain {
  /**
   * Resolves when no Service sends new connections to `podIp` any more and those sent last have had a moment to be accepted; at once
   * for a pod behind no Service; in any case after `timeout`. Order: deletion mark -> EndpointSlice -> kernel -> here -> SIGTERM.
   * A pod that is the last resort of its Services (all others are terminating as well) does not wait for them to find another.
   * Not for pods in the host's network, which share their address.
   */
  whenUnrouted(podIp: string, timeout: Milliseconds, signal: AbortSignal): Promise<void>;
}

import type { Component } from '../../shared/component.ts';

export interface PodIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

export interface PodAddress {
  readonly ip: string;
}

/** Gives pods their address. One address per pod for the whole life of its sandbox. */
export interface PodNetwork extends Component {
  /** Addresses of pods lie in this range. */
  readonly podCidr: string;
  /** The node's address as pods see it. */
  readonly gateway: string;
  /**
   * Connects the network namespace of process `sandboxPid` (the pause container's). When this resolves the pod has eth0 with its
   * address, is reachable, and reaches everything. A second call for the same uid replaces the first: its sandbox is gone.
   * @throws NetworkError when the sandbox has exited, `requestedIp` is taken, or no address is free
   */
  attach(pod: PodIdentity, sandboxPid: number, requestedIp?: string): Promise<PodAddress>;
  /**
   * Takes up a pod whose sandbox was attached by an earlier run of this daemon. Undefined when that sandbox has no working
   * connection any more; the pod then needs a new sandbox.
   */
  adopt(pod: PodIdentity, sandboxPid: number): Promise<PodAddress | undefined>;
  /** Cuts the pod off and frees its address. No error when it was never attached or is gone already. */
  detach(uid: string): Promise<void>;
}

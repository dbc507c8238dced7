/** Who may talk to the pods of a workload, and whom they may talk to. */
import { builderOf } from '../types/builder.ts';
import type * as networking_v1 from '../types/kinds/generated/networking-v1.gen.ts';
import { isObject } from './rebuilt.ts';
import { besideOf, podLabels } from './workload.ts';
import type { Workload } from './workload.ts';

const networkPolicy = builderOf<networking_v1.NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy');

type Peer = networking_v1.NetworkPolicyPeer;

export interface IsolateOptions {
  /** Without it, the name of the workload. */
  readonly name?: string;
  /** Workloads or peers that may open connections to the pods. Without it, nobody may. */
  readonly from?: readonly (Workload | Peer)[];
  /** Ports, by name or number, that `from` is restricted to. */
  readonly ports?: readonly (string | number)[];
  /** Workloads or peers that the pods may open connections to. Without it, their own connections are not restricted. */
  readonly to?: readonly (Workload | Peer)[];
}

function isWorkload(peer: Workload | Peer): peer is Workload {
  return isObject(peer);
}

function peerOf(isolated: Workload, peer: Workload | Peer): Peer {
  if (!isWorkload(peer)) return peer;
  const podSelector = { matchLabels: podLabels(peer) };
  const { namespace } = peer.metadata;
  if (namespace === undefined || namespace === isolated.metadata.namespace) return { podSelector };
  // Every namespace carries its name as a label (KEP-2161).
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, podSelector };
}

/** A NetworkPolicy that admits to the pods of a workload only whom it names. */
export function isolate(workload: Workload, options: IsolateOptions = {}): networking_v1.NetworkPolicy {
  const { name, from, ports, to } = options;
  const peers = (list: readonly (Workload | Peer)[]): readonly Peer[] => list.map((peer) => peerOf(workload, peer));
  const restricted = ports?.map((port) => ({ port }));
  return networkPolicy({
    metadata: besideOf(workload, name),
    spec: {
      podSelector: { matchLabels: podLabels(workload) },
      policyTypes: to ? ['Ingress', 'Egress'] : ['Ingress'],
      ...(from === undefined || from.length === 0
        ? {}
        : { ingress: [{ from: peers(from), ...(restricted === undefined ? {} : { ports: restricted }) }] }),
      ...(to === undefined || to.length === 0 ? {} : { egress: [{ to: peers(to) }] }),
    },
  });
}

/** Who may talk to the pods of a workload, and whom they may talk to. */
import { builderOf } from '../types/builder.ts';
import type * as networking_v1 from '../types/kinds/generated/networking-v1.gen.ts';
import { requireOptions } from './options.ts';
import { isObject } from './rebuilt.ts';
import { besideOf, declaredPorts, podLabels } from './workload.ts';
import type { PortOf, Workload } from './workload.ts';

const networkPolicy = builderOf<networking_v1.NetworkPolicy, networking_v1.NetworkPolicyInput>(
  'networking.k8s.io/v1',
  'NetworkPolicy',
);

type Peer = networking_v1.NetworkPolicyPeerInput;

export interface IsolateOptions<Port extends string = string> {
  /** Without it, the name of the workload. */
  readonly name?: string | undefined;
  /** Workloads or peers that may open connections to the pods. Without it, nobody may, or with `ports` everybody to these. */
  readonly from?: readonly (Workload | Peer)[] | undefined;
  /** Ports, by name or number, that connections to the pods are restricted to. */
  readonly ports?: readonly (Port | number)[] | undefined;
  /**
   * Workloads or peers that the pods may open connections to. Without it, their own connections are not restricted. With it,
   * they find no names either unless the cluster's DNS is one of the peers.
   */
  readonly to?: readonly (Workload | Peer)[] | undefined;
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

function portOf(workload: Workload, port: string | number): networking_v1.NetworkPolicyPort {
  const declared = declaredPorts(workload).find(({ name, number }) => name === port || number === port);
  const { protocol = 'TCP' } = declared ?? {};
  return protocol === 'TCP' ? { port } : { protocol, port };
}

/** A NetworkPolicy that admits to the pods of a workload only whom it names. */
export function isolate<W extends Workload, Port extends PortOf<W> = PortOf<W>>(
  workload: W,
  options?: IsolateOptions<Port>,
): networking_v1.NetworkPolicy;
export function isolate(workload: Workload, options: IsolateOptions = {}): networking_v1.NetworkPolicy {
  requireOptions('isolate', options, { name: true, from: true, ports: true, to: true });
  const { name, from = [], ports, to = [] } = options;
  const peers = (list: readonly (Workload | Peer)[]): readonly Peer[] => list.map((peer) => peerOf(workload, peer));
  // No peers at all would mean everybody: an empty list is nobody, whatever the ports are.
  const admitted = from.length > 0 || (options.from === undefined && ports !== undefined);
  const restricted = ports?.map((port) => portOf(workload, port));
  const rule = { ...(from.length === 0 ? {} : { from: peers(from) }), ...(restricted ? { ports: restricted } : {}) };
  return networkPolicy({
    metadata: besideOf(workload, name),
    spec: {
      podSelector: { matchLabels: podLabels(workload) },
      policyTypes: options.to ? ['Ingress', 'Egress'] : ['Ingress'],
      ...(admitted ? { ingress: [rule] } : {}),
      ...(to.length === 0 ? {} : { egress: [{ to: peers(to) }] }),
    },
  });
}

import { isIPv4 } from 'node:net';
import type { ContainerPort, Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import { protocols } from './service-table.ts';
import type { Forwarding, ServiceTable } from './service-table.ts';

/**
 * Host ports of this node's pods, forwarded like node ports; with a hostIP, on that address only. Pods in the host's network listen
 * there themselves.
 */
export function hostPortTable(pods: Iterable<Pod>, nodeName: string): ServiceTable {
  const table: Forwarding[] = [];
  for (const pod of pods) {
    const { namespace = '', name = '' } = pod.metadata;
    const ip = pod.status?.podIP;
    const hasEnded = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (pod.spec?.nodeName !== nodeName || pod.spec.hostNetwork === true || hasEnded || ip === undefined || !isIPv4(ip))
      continue;
    // Names become names of chains.
    if (!/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(`${namespace}.${name}`)) continue;
    for (const container of pod.spec.containers) {
      for (const port of container.ports ?? []) table.push(...hostPort(`${namespace}/${name}`, ip, port));
    }
  }
  return table.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function hostPort(pod: string, ip: string, port: ContainerPort): readonly Forwarding[] {
  const { hostPort: number = 0, hostIP = '', containerPort } = port;
  if (number < 1 || number > 65_535) return [];
  const protocol = protocols[port.protocol ?? 'TCP'] ?? 'tcp';
  const isEverywhere = hostIP === '' || hostIP === '0.0.0.0';
  if (!isEverywhere && !isIPv4(hostIP)) return [];
  const backends = [{ ip, port: containerPort, terminating: false }];
  return [
    {
      key: `hostport/${pod}/${protocol}/${number}${isEverywhere ? '' : `/${hostIP}`}`,
      protocol,
      port: number,
      clusterIps: [],
      externalIps: isEverywhere ? [] : [hostIP],
      loadBalancerIps: [],
      sourceRanges: [],
      nodePort: isEverywhere ? number : undefined,
      internal: backends,
      external: backends,
      externalLocal: undefined,
      affinitySeconds: undefined,
    },
  ];
}

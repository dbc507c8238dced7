import type { Service } from '../../types/kinds/generated/core-v1.gen.ts';
import type { EndpointSlice } from '../../types/kinds/generated/discovery-v1.gen.ts';
import type { ClusterNetwork } from './cluster-network.ts';
import { serviceNameLabel } from './service-source.ts';

export interface SystemServicePorts {
  /** Where the API server listens on the gateway address. */
  readonly apiServer: number;
  /** Where cluster DNS listens on the gateway address. */
  readonly dns: number;
}

/**
 * The Services by which pods reach what runs in the daemon itself: default/kubernetes and kube-system/kube-dns. Neither has a
 * selector; their EndpointSlices lead to the gateway address, so they are Services like any other to the proxy.
 */
export function systemServices(
  network: ClusterNetwork,
  ports: SystemServicePorts,
): readonly (Service | EndpointSlice)[] {
  const api = [{ name: 'https', protocol: 'TCP', port: 443, target: ports.apiServer }] as const;
  const dns = [
    { name: 'dns', protocol: 'UDP', port: 53, target: ports.dns },
    { name: 'dns-tcp', protocol: 'TCP', port: 53, target: ports.dns },
  ] as const;
  const apiLabels = { component: 'apiserver', provider: 'kubernetes' };
  const dnsLabels = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' };
  return [
    ...serviceAt(
      { namespace: 'default', name: 'kubernetes', labels: apiLabels, clusterIp: network.kubernetesIp, ports: api },
      network,
    ),
    ...serviceAt(
      { namespace: 'kube-system', name: 'kube-dns', labels: dnsLabels, clusterIp: network.dnsIp, ports: dns },
      network,
    ),
  ];
}

interface SystemService {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly clusterIp: string;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: 'TCP' | 'UDP';
    readonly port: number;
    readonly target: number;
  }[];
}

function serviceAt(wanted: SystemService, network: ClusterNetwork): readonly [Service, EndpointSlice] {
  const { namespace, name, labels, clusterIp, ports } = wanted;
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name, labels },
      spec: {
        type: 'ClusterIP',
        clusterIP: clusterIp,
        clusterIPs: [clusterIp],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
        sessionAffinity: 'None',
        ports: ports.map(({ target, ...port }) => ({ ...port, targetPort: target })),
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace, name, labels: { ...labels, [serviceNameLabel]: name } },
      addressType: 'IPv4',
      ports: ports.map(({ target, name: portName, protocol }) => ({ name: portName, protocol, port: target })),
      endpoints: [{ addresses: [network.gateway], conditions: { ready: true, serving: true, terminating: false } }],
    },
  ];
}

/** Which port of a pod a service's port leads to. Pure. */
import type { ServicePort } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';

/** Undefined when the pod has no port of that name and protocol. */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  if (target === '') return port.port;
  const protocol = port.protocol ?? 'TCP';
  // Sidecars are init containers that keep running, and serve as others do (KEP-753).
  const sidecars = (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const offered of container.ports ?? []) {
      if (offered.name === target && (offered.protocol ?? 'TCP') === protocol) return offered.containerPort;
    }
  }
  return undefined;
}

/** The pod's own DNS name below a headless service, if it has asked for one. */
export function publishedHostname(pod: Pod, serviceName: string): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {};
  return hostname !== undefined && hostname !== '' && subdomain === serviceName ? hostname : undefined;
}

export function addressOf(pod: Pod, type: 'IPv4' | 'IPv6'): string | undefined {
  const all = (pod.status?.podIPs ?? []).map(({ ip }) => ip);
  const addresses = all.length > 0 ? all : pod.status?.podIP ? [pod.status.podIP] : [];
  return addresses.find((ip) => ip.includes(':') === (type === 'IPv6'));
}

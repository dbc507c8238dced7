/** Rules of Services (core validation, ValidateService). */
import { isIP } from 'node:net';
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { dns1123LabelErrors, portNameErrors, portNumberErrors, qualifiedNameErrors } from '../names.ts';
import {
  checkIP,
  checkOneOf,
  checkOptionalOneOf,
  checkReachableIP,
  checkSubdomain,
  isBlank,
  isCIDR,
} from './field-checks.ts';
import { checkLabels, invalidEach } from './metadata.ts';

const KUBELET_PORT = 10250;
const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

export function isHeadless(spec: core.ServiceSpec): boolean {
  return spec.clusterIP === 'None' || (spec.clusterIPs ?? [])[0] === 'None';
}

/** Reachable from outside the cluster. */
export function isExternal(spec: core.ServiceSpec): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0;
}

function checkType(spec: core.ServiceSpec, at: IssueSink): void {
  if (spec.type === 'LoadBalancer') {
    spec.ports?.forEach(({ port }, index) => {
      if (port === KUBELET_PORT) {
        const detail = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`;
        at.at('ports', index).invalid(port, detail);
      }
    });
  }
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    if (isHeadless(spec)) at.at('clusterIPs', 0).invalid('None', `may not be set to 'None' for ${spec.type} services`);
  }
  if (spec.type === 'ExternalName') {
    if ((spec.clusterIPs ?? []).length > 0) at.at('clusterIPs').forbidden('may not be set for ExternalName services');
    const name = (spec.externalName ?? '').replace(/\.$/, '');
    if (name === '') at.at('externalName').required();
    else checkSubdomain(name, at.at('externalName'));
  }
}

function checkServicePort(port: core.ServicePort, requireName: boolean, names: Set<string>, at: IssueSink): void {
  if (isBlank(port.name)) {
    if (requireName) at.at('name').required();
  } else {
    invalidEach(at.at('name'), port.name, dns1123LabelErrors(port.name));
    if (names.has(port.name)) at.at('name').duplicate(port.name);
    names.add(port.name);
  }
  invalidEach(at.at('port'), port.port ?? 0, portNumberErrors(port.port ?? 0));
  checkOneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], at.at('protocol'));
  const { targetPort } = port;
  if (typeof targetPort === 'string') invalidEach(at.at('targetPort'), targetPort, portNameErrors(targetPort));
  else if (targetPort !== undefined) invalidEach(at.at('targetPort'), targetPort, portNumberErrors(targetPort));
  if (port.appProtocol !== undefined) {
    invalidEach(at.at('appProtocol'), port.appProtocol, qualifiedNameErrors(port.appProtocol));
  }
}

function checkPorts(spec: core.ServiceSpec, at: IssueSink): void {
  const ports = spec.ports ?? [];
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') at.required();
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  ports.forEach((port, index) => {
    const place = at.at(index);
    checkServicePort(port, ports.length > 1, names, place);
    const key = `${port.protocol}/${port.port}`;
    if (numbers.has(key)) place.duplicate({ protocol: port.protocol, port: port.port });
    numbers.add(key);
    const nodePort = port.nodePort ?? 0;
    if (nodePort === 0) return;
    if (spec.type === 'ClusterIP') place.at('nodePort').forbidden("may not be used when `type` is 'ClusterIP'");
    const nodeKey = `${port.protocol}/${nodePort}`;
    if (nodePorts.has(nodeKey)) place.at('nodePort').duplicate(nodePort);
    nodePorts.add(nodeKey);
  });
}

function checkAffinity(spec: core.ServiceSpec, at: IssueSink): void {
  const place = at.at('sessionAffinityConfig');
  checkOneOf(spec.sessionAffinity, ['ClientIP', 'None'], at.at('sessionAffinity'));
  if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig) {
    place.forbidden('must not be set when session affinity is None');
  }
  if (spec.sessionAffinity !== 'ClientIP') return;
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined) place.required('when session affinity type is ClientIP');
  else if (seconds <= 0 || seconds > 86_400) {
    place.at('clientIP', 'timeoutSeconds').invalid(seconds, 'must be greater than 0 and less than 86400');
  }
}

function checkClusterIPs(spec: core.ServiceSpec, at: IssueSink): void {
  // What only stands in the older field has been taken over by the time that upstream looks.
  const all = spec.clusterIPs ?? (isBlank(spec.clusterIP) ? [] : [spec.clusterIP]);
  if (!isBlank(spec.clusterIP) && all.length > 0 && all[0] !== spec.clusterIP) {
    at.at('clusterIPs').invalid(all, 'first value must match `clusterIP`');
  }
  const families = ['IPv4', 'IPv6'];
  spec.ipFamilies?.forEach((family, index) => {
    if (!families.includes(family)) at.at('ipFamilies', index).notSupported(family, families);
    else if (spec.ipFamilies?.indexOf(family) !== index) at.at('ipFamilies', index).duplicate(family);
  });
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  checkOptionalOneOf(spec.ipFamilyPolicy, policies, at.at('ipFamilyPolicy'));
  all.forEach((address, index) => {
    if (address === 'None') {
      if (index > 0)
        at.at('clusterIPs', index).invalid(address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
    } else checkIP(address, at.at('clusterIPs', index));
  });
  if (all.length > 1 && isIP(all[0] ?? '') === isIP(all[1] ?? '')) {
    at.at('clusterIPs').invalid(all, 'may specify no more than one IP for each IP family');
  }
}

function checkTraffic(spec: core.ServiceSpec, at: IssueSink): void {
  const policies = ['Cluster', 'Local'];
  if (spec.type !== 'ExternalName')
    checkOptionalOneOf(spec.internalTrafficPolicy, policies, at.at('internalTrafficPolicy'));
  const policy = spec.externalTrafficPolicy;
  if (!isExternal(spec)) {
    if (policy !== undefined) {
      at.at('externalTrafficPolicy').invalid(policy, 'may only be set for externally-accessible services');
    }
  } else checkOneOf(policy, policies, at.at('externalTrafficPolicy'));
  const port = spec.healthCheckNodePort ?? 0;
  const place = at.at('healthCheckNodePort');
  if (port < 0) place.invalid(port, 'HealthCheckNodePort must be not less than 0');
  else if (port !== 0 && !(spec.type === 'LoadBalancer' && policy === 'Local')) {
    place.invalid(port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  }
}

/** Upstream begins the name of the ranges with a capital in its messages. */
function checkLoadBalancer(spec: core.ServiceSpec, at: IssueSink): void {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) {
    const place = at.at('LoadBalancerSourceRanges');
    if (spec.type !== 'LoadBalancer') place.forbidden("may only be used when `type` is 'LoadBalancer'");
    ranges.forEach((range, index) => {
      if (!isCIDR(range.trim())) {
        place.at(index).invalid(range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)');
      }
    });
  }
  if (spec.type === 'LoadBalancer') return;
  if (spec.loadBalancerClass !== undefined) {
    at.at('loadBalancerClass').forbidden("may only be used when `type` is 'LoadBalancer'");
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined) {
    at.at('allocateLoadBalancerNodePorts').forbidden("may only be used when `type` is 'LoadBalancer'");
  }
}

export function checkService(spec: core.ServiceSpec, at: IssueSink): void {
  checkType(spec, at);
  checkPorts(spec, at.at('ports'));
  checkLabels(spec.selector, at.at('selector'));
  checkAffinity(spec, at);
  checkClusterIPs(spec, at);
  spec.externalIPs?.forEach((address, index) => checkReachableIP(address, at.at('externalIPs', index)));
  checkOneOf(spec.type, serviceTypes, at.at('type'));
  checkLoadBalancer(spec, at);
  checkTraffic(spec, at);
  checkOptionalOneOf(
    spec.trafficDistribution,
    ['PreferClose', 'PreferSameZone', 'PreferSameNode'],
    at.at('trafficDistribution'),
  );
}

export function checkServiceStatus(service: core.Service, at: IssueSink): void {
  service.status?.loadBalancer?.ingress?.forEach((entry, index) => {
    const place = at.at('loadBalancer', 'ingress', index);
    if (!isBlank(entry.ip)) checkIP(entry.ip, place.at('ip'));
    if (isBlank(entry.hostname)) return;
    checkSubdomain(entry.hostname, place.at('hostname'));
    if (isIP(entry.hostname) !== 0) {
      place.at('hostname').invalid(entry.hostname, 'must be a DNS name, not an IP address');
    }
  });
}

/** Rules of Endpoints (core validation, ValidateEndpoints). */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { dns1123LabelErrors, qualifiedNameErrors } from '../names.ts';
import { checkOneOf, checkPortNumber, checkReachableIP, checkSubdomain, isBlank } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

function checkAddress(address: core.EndpointAddress, at: IssueSink): void {
  checkReachableIP(address.ip, at.at('ip'));
  if (!isBlank(address.hostname))
    invalidEach(at.at('hostname'), address.hostname, dns1123LabelErrors(address.hostname));
  if (!isBlank(address.nodeName)) checkSubdomain(address.nodeName, at.at('nodeName'));
}

function checkPort(port: core.EndpointPort, requireName: boolean, at: IssueSink): void {
  if (isBlank(port.name)) {
    if (requireName) at.at('name').required();
  } else invalidEach(at.at('name'), port.name, dns1123LabelErrors(port.name));
  checkPortNumber(port.port, at.at('port'));
  checkOneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], at.at('protocol'));
  if (port.appProtocol !== undefined) {
    invalidEach(at.at('appProtocol'), port.appProtocol, qualifiedNameErrors(port.appProtocol));
  }
}

export function checkSubset(subset: core.EndpointSubset, at: IssueSink): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    at.required('must specify `addresses` or `notReadyAddresses`');
  }
  addresses.forEach((address, index) => checkAddress(address, at.at('addresses', index)));
  notReadyAddresses.forEach((address, index) => checkAddress(address, at.at('notReadyAddresses', index)));
  ports.forEach((port, index) => checkPort(port, ports.length > 1, at.at('ports', index)));
}

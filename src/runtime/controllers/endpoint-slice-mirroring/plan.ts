/** Endpoints that a user wrote -> groups of endpoints for slices. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import type { EndpointAddress } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Endpoint } from '../../../types/kinds/generated/discovery-v1.gen.ts';
import type { Endpoints } from '../../../types/kinds/core/endpoints.ts';
import type { EndpointGroup } from '../endpoint-slice/plan.ts';

/** Upstream mirrors at most this many addresses of one subset. */
const addressesPerSubset = 1000;

export function mirroredGroups(endpoints: Endpoints): readonly EndpointGroup[] {
  return (endpoints.subsets ?? []).flatMap((subset) => {
    const ports = (subset.ports ?? []).map(({ name, port, protocol, appProtocol }) => ({
      name: name ?? '',
      port,
      protocol: protocol ?? ('TCP' as const),
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }));
    const all = [
      ...(subset.addresses ?? []).map((address) => mirrored(address, true)),
      ...(subset.notReadyAddresses ?? []).map((address) => mirrored(address, false)),
    ].slice(0, addressesPerSubset);
    const families = [
      { addressType: 'IPv4' as const, ports, endpoints: all.filter(({ addresses }) => isIPv4(addresses[0] ?? '')) },
      { addressType: 'IPv6' as const, ports, endpoints: all.filter(({ addresses }) => isIPv6(addresses[0] ?? '')) },
    ];
    return families.filter((group) => group.endpoints.length > 0);
  });
}

function mirrored(address: EndpointAddress, ready: boolean): Endpoint {
  const { ip, hostname, nodeName, targetRef } = address;
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  };
}

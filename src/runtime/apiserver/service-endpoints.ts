import { EndpointSlice } from '../../types/kinds/discovery/endpoint-slice.ts';
import type { ObjectReader } from './object-reader.ts';

export interface ServiceEndpoint {
  readonly host: string;
  readonly port: number;
}

/** Where the port of that name of a Service is answered; empty for a port without a name. */
export async function serviceEndpoints(
  reader: ObjectReader,
  namespace: string,
  service: string,
  portName: string,
): Promise<readonly ServiceEndpoint[]> {
  const found: ServiceEndpoint[] = [];
  for (const { metadata, ports, endpoints } of await reader.list(EndpointSlice, namespace)) {
    if (metadata.labels?.['kubernetes.io/service-name'] !== service) continue;
    const port = ports?.find(({ name }) => (name ?? '') === portName)?.port;
    if (port === undefined) continue;
    for (const { addresses, conditions } of endpoints ?? [])
      if (conditions?.ready !== false) found.push(...addresses.map((host) => ({ host, port })));
  }
  return found;
}

/** Variables that tell a container of the services that were there before it. Pure. */
import type { Service } from '../../types/kinds/generated/core-v1.gen.ts';

/** Docker-link style variables and `{NAME}_SERVICE_HOST`/`_PORT` for each service that has an address. */
export function serviceVariables(services: Iterable<Service>): Map<string, string> {
  const variables = new Map<string, string>();
  for (const service of services) addService(variables, service);
  return variables;
}

function addService(variables: Map<string, string>, service: Service): void {
  const address = service.spec?.clusterIP;
  const [first] = service.spec?.ports ?? [];
  if (address === undefined || address === '' || address === 'None' || !first) return;
  const prefix = variableName(service.metadata.name ?? '');
  variables.set(`${prefix}_SERVICE_HOST`, address);
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const port of service.spec?.ports ?? []) {
    if (port.name) variables.set(`${prefix}_SERVICE_PORT_${variableName(port.name)}`, String(port.port));
  }
  const host = address.includes(':') ? `[${address}]` : address;
  for (const port of service.spec?.ports ?? []) {
    const protocol = port.protocol ?? 'TCP';
    const url = `${protocol.toLowerCase()}://${host}:${port.port}`;
    const link = `${prefix}_PORT_${port.port}_${protocol}`;
    if (port === first) variables.set(`${prefix}_PORT`, url);
    variables.set(link, url);
    variables.set(`${link}_PROTO`, protocol.toLowerCase());
    variables.set(`${link}_PORT`, String(port.port));
    variables.set(`${link}_ADDR`, address);
  }
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll(/[-.]/g, '_');
}
